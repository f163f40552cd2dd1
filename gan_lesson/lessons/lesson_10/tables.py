"""Tables that ship: the way to them, and what remedies did."""

import io
from importlib.resources import files
from typing import TYPE_CHECKING

from gan_lesson.lessons.lesson_10.remedies import REMEDIES

if TYPE_CHECKING:
    import pandas as pd  # a fifth of a second, which a lesson without a table need not wait for


def stored_table(name: str) -> "pd.DataFrame":
    """Return a table that ships with the package.

    Raises:
        FileNotFoundError: the table is missing from the installation.
        ValueError: it ends in the middle, or holds no row.
    """
    import pandas as pd

    try:
        text = files(__package__).joinpath("assets", name).read_text("utf-8")
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is missing from {__package__}/assets; install the package again"
        ) from error
    lines = text.splitlines()
    whole = text.endswith("\n") and lines[-1].count(",") == lines[0].count(",")
    if not whole or len(lines) < 2:
        raise ValueError(f"{name} is damaged: it ends too early; install the package again")
    return pd.read_csv(io.StringIO(text))


SCORES = ["fair_modes", "high_quality", "seconds"]


def remedies_table() -> None:
    """Print the remedies' scores, mean and standard error over seeds, from the stored table."""
    for patient, table in stored_table("clinic_remedies.csv").groupby("patient", sort=False):
        print(f"{patient} loop         fair modes of 8    % at a mode     CPU s   against none")
        by_remedy = table.groupby("remedy")[SCORES]
        means, errors = by_remedy.mean(), by_remedy.sem()
        for remedy in REMEDIES:
            (modes, quality, seconds), error = means.loc[remedy], errors.loc[remedy]
            print(
                f"  {remedy:16} {modes:9.1f} ± {error['fair_modes']:.1f}  {100 * quality:10.0f} ± "
                f"{100 * error['high_quality']:2.0f}  {seconds:9.1f}   {verdict(table, remedy)}"
            )


def verdict(table: "pd.DataFrame", remedy: str) -> str:
    """Say what a remedy did, by differences on the same seeds beyond two standard errors.

    Args:
        table: of one patient; it has a row for each remedy and seed, "none" among them.
        remedy: a name in `REMEDIES`; of "none" there is nothing to say.
    """
    if remedy == REMEDIES[0]:
        return ""
    by_seed = table.set_index("seed").groupby("remedy")[SCORES]
    gain = by_seed.get_group(remedy) - by_seed.get_group(REMEDIES[0])
    told = []
    for column, name in (("fair_modes", "coverage"), ("high_quality", "quality")):
        mean, error = gain[column].mean(), max(gain[column].sem(), 1e-9)
        if abs(mean) > 2 * error:
            told.append(f"{'more' if mean > 0 else 'less'} {name}")
    return ", ".join(told) or "no clear difference"

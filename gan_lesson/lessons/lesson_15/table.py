"""The playground's recorded table of five games, as lines of text."""

from gan_lesson.lessons.lesson_15.circles import GAMES
from gan_lesson.lessons.lesson_15.recorded import load_table


def show_table() -> None:
    """Print modes, high quality and reverse KL of each row, mean ± standard error."""
    rows = load_table()
    played = [row for row in rows if row["penalty"]]
    n, steps = (int(played[0][key]) for key in ("seeds", "steps"))
    print(f"ring of 8, {n} seeds, {steps:,} steps, mean ± standard error")
    print(
        f"{'game':25}{'penalty':17}{'modes':>12} {'fewest':>7} {'high quality':>13} {'rev. KL':>13}"
    )
    for row in rows:
        name = GAMES.get(row["game"], row["game"])
        told = f"{name:25}{row['penalty']:17}{row['modes']:6.1f}"
        if row["penalty"]:
            known = row["reverse_kl"] == row["reverse_kl"]  # NaN where a seed has no good sample
            kl = f"{row['reverse_kl']:5.2f} ± {row['reverse_kl_se']:4.2f}" if known else "–"
            told += (
                f" ± {row['modes_se']:3.1f} {row['least_modes']:7.0f} "
                f"{row['high_quality']:7.0%} ± {row['high_quality_se']:3.0%} {kl:>13}"
            )
        else:
            told += f"{'':14} {row['high_quality']:7.0%}       {row['reverse_kl']:5.2f}"
        print(told)

"""A notebook made for another version of this package ends in one sentence: what to do.

A learner's copies live on, in my_lessons or in Colab's Drive, while the package changes. A
lesson's set-up cell says for which version it was made, as `gan_lesson.built_for("0.2")`. Those of
0.1 did not say it yet; they are known by the modules that only 0.1 had.
"""

import re

# What they held is elsewhere now. Each notebook of 0.1 imports one of them in its first cell.
OF_0_1 = frozenset(
    "binary_cross_entropy convolution demo dirac evaluation exercise_checks explorers forgeries "
    "predict training value_function".split()
)


class MadeForAnotherVersion(ImportError):
    """Notebook and package do not fit; the message says which is older and what to do."""


def built_for(version: str) -> None:
    """Stop a notebook that was made for a version of the package that does not fit.

    Args:
        version: the first two numbers of the version that the notebook was made for, "0.2"; as
            long as these stay the same, the package keeps what its notebooks use.

    Raises:
        MadeForAnotherVersion: the first two numbers of the package's version are others.
        ValueError: `version` is not two numbers with a point between them.
    """
    from gan_lesson import __version__

    if not re.fullmatch(r"\d+\.\d+", version):
        raise ValueError(f"version is {version!r}; it must be two numbers, such as '0.2'")
    made_for, here = _first_two(version), _first_two(__version__)
    if made_for == here:
        return
    if made_for < here:
        what = (
            "rename your copy and run `make lesson`, or in Colab open the lesson again from its "
            "badge; your copy is kept"
        )
    else:
        what = (
            "run `git pull` and `make lesson`, or in Colab disconnect and delete the runtime, and "
            "run the notebook again"
        )
    raise MadeForAnotherVersion(
        f"This notebook was made for gan_lesson {version}, and gan_lesson {__version__} is "
        f"installed: {what}."
    )


def _first_two(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


class ModulesOf01:
    """One of those who are asked where a module is (`sys.meta_path`): knows what only 0.1 had."""

    @staticmethod
    def find_spec(name: str, path=None, target=None) -> None:
        """Find nothing.

        Raises:
            MadeForAnotherVersion: gan_lesson 0.1 had a module of this name.
        """
        package, _, module = name.partition(".")
        if package == "gan_lesson" and module in OF_0_1:
            built_for("0.1")

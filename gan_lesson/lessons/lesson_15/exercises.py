"""Exercises of lesson 15: W1 by sorting, and what a blind D pays in each game."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_15.transport import wasserstein_1

_RNG = np.random.default_rng(0)

W1 = Exercise(
    "w1",
    reference=wasserstein_1,
    cases=[
        (np.array([0.0, 3.0]), np.array([4.0, 1.0])),
        (np.array([2.0, -1.0, 0.5]), np.array([2.5, 0.0, -1.5])),
        (np.round(_RNG.normal(size=7), 2), np.round(_RNG.normal(3, 2, size=7), 2)),
        (np.array([5.0]), np.array([1.0])),
    ],
    mistakes=[
        (
            lambda x, y: np.abs(x - y).mean(),
            "You pair the samples as they come. Their order says nothing: sort both first.",
        ),
        (
            lambda x, y: np.abs(np.sort(x) - y).mean(),
            "You sorted only one of the two.",
        ),
        (
            lambda x, y: np.abs(x - np.sort(y)).mean(),
            "You sorted only the other one of the two.",
        ),
        (
            lambda x, y: np.abs(np.sort(x) - np.sort(y)[::-1]).mean(),
            "You pair the smallest with the largest: that is the longest way, not the shortest.",
        ),
        (
            lambda x, y: np.abs(np.mean(x) - np.mean(y)),
            "This is the distance of the two means. Two sets of samples with one mean may still "
            "differ.",
        ),
        (
            lambda x, y: (np.sort(x) - np.sort(y)).mean(),
            "Ways to the left and to the right cancel each other: the absolute value is missing.",
        ),
        (
            lambda x, y: np.abs(np.sort(x) - np.sort(y)).sum(),
            "You added the ways up. Each sample carries 1/n, so take their mean.",
        ),
        (
            lambda x, y: np.mean((np.sort(x) - np.sort(y)) ** 2),
            "This is the mean of the squared ways. W1 takes the ways themselves.",
        ),
        (
            lambda x, y: np.sqrt(np.mean((np.sort(x) - np.sort(y)) ** 2)),
            "This is W2, which squares the ways. W1 takes the ways themselves.",
        ),
        (
            lambda x, y: np.abs(x[:, None] - y[None]).mean(),
            "This is the mean over all pairs. Each sample goes to one place only.",
        ),
    ],
    hints=(
        "No two samples need to cross: the leftmost of x goes to the leftmost place of y.",
        "np.sort gives the order. Then take the mean of |difference|.",
    ),
)

_LEVELS = {
    "logistic": (2 * np.log(2), np.log(2)),
    "least squares": (0.5, 0.25),
    "hinge": (2.0, 0.0),
    "relativistic": (np.log(2), np.log(2)),
}


def _with(**other):
    levels = {"logistic": _LEVELS["logistic"], **_LEVELS}
    return levels | {name.replace("_", " "): pair for name, pair in other.items()}


def _open(pair) -> bool:
    """Tell whether a pair, or a part of it, is still the `...` of the stub."""
    return any(part is ... for part in np.atleast_1d(np.array(pair, object)).ravel())


class _Levels(Exercise):
    """An exercise whose answer is a dictionary: a pair of numbers for each game."""

    def check(self, answer):
        """Return what to use from here on; of a half-written dictionary say what is missing."""
        if not (isinstance(answer, dict) and set(answer) <= set(_LEVELS)):
            return super().check(answer)
        absent = [name for name in _LEVELS if name not in answer]
        missing = [name for name in answer if _open(answer[name])]
        if not 0 < len(absent + missing) < len(_LEVELS):
            return super().check(answer)
        written = {name: pair for name, pair in answer.items() if name not in missing}
        wrong = self._first_difference(
            self._results(_LEVELS | written), self._results(self.reference)
        )
        if wrong is not None:
            return super().check(_LEVELS | written)  # which refuses it
        told = f"still missing: {', '.join(absent + missing)}."
        if absent:
            self.refuse(told.capitalize())
        print(f"Right so far; {told} From here on the lesson uses gan_lesson's own numbers.")
        return self.reference

    def _what_came_out(self, index: int, result) -> str:
        """Name the games whose pairs are not right."""
        ours = np.array(list(_LEVELS.values()))
        if np.shape(result) != ours.shape:
            return super()._what_came_out(index, result)
        right = np.isclose(result, ours, self.tolerance, self.tolerance).all(axis=1)
        wrong = [name for name, fits in zip(_LEVELS, right, strict=True) if not fits]
        return f"Not right: {', '.join(wrong)}."

    def _result(self, answer, case: tuple):
        """Return the pairs in our order; what has other keys is refused by its sentence."""
        if not isinstance(answer, dict):
            return answer
        if set(answer) != set(_LEVELS):
            return "keys"
        pairs = [answer[name] for name in _LEVELS]
        if any(map(_open, pairs)):
            return ...
        if any(np.shape(pair) != (2,) for pair in pairs):
            return "pairs"
        return np.array([np.array(pair, float) for pair in pairs])


CHANCE = _Levels(
    "chance",
    reference=_LEVELS,
    mistakes=[
        ("keys", "The four keys are 'logistic', 'least squares', 'hinge' and 'relativistic'."),
        ("pairs", "Each game has a pair of numbers: D's loss, then G's."),
        (
            _with(logistic=(np.log(2), np.log(2))),
            "D's logistic loss is a sum over two halves here, one for real and one for generated "
            "samples.",
        ),
        (
            _with(least_squares=(0.25, 0.125)),
            "You put ½ before each square, as Mao and others do. The lesson does not.",
        ),
        (
            _with(least_squares=(1.0, 1.0)),
            "You took f = 0 for the least squares game. Its labels are 1 and 0, so that f = ½ lies "
            "in the middle.",
        ),
        (
            _with(hinge=(1.0, 0.0)),
            "Both halves of the hinge loss are 1 at f = 0, and D pays their sum.",
        ),
        (
            _with(hinge=(0.0, 0.0)),
            "At f = 0, max(0, 1 − f) is not 0.",
        ),
        (
            _with(relativistic=(2 * np.log(2), np.log(2))),
            "The relativistic loss of pairs has one mean, not two halves.",
        ),
        (
            _with(relativistic=(0.0, 0.0)),
            "The difference of two equal scores is 0, but softplus(0) is not.",
        ),
        (
            {name: pair[::-1] for name, pair in _LEVELS.items()},
            "You put G's loss first. Each pair is D's loss, then G's.",
        ),
    ],
    hints=(
        "Put f = 0 (least squares: ½) for `real` and for `fake` into both lines of each game.",
        "softplus(0) = log 2. Then add up the means of D's line: it has two, or only one.",
    ),
    tolerance=0.01,  # two decimals are enough
)

check_w1 = W1.check
check_chance = CHANCE.check

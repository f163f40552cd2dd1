"""Exercises on functions that return nothing to compare: judged by what they do to networks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise


@dataclass
class Watched(Exercise):
    """An exercise on a function that is judged by what it leaves behind.

    Args:
        see: function (answer, *case) that runs the answer and returns what is compared.
        parts: what the parts of that are called.
        broken: what the exercise hands out to be repaired, if it does: left as it is, it counts
            as untouched.
        as_it_came: what is said then, with {name} in it.
    """

    see: Callable = lambda answer, *case: answer(*case)
    parts: Sequence[str] = ()
    broken: Callable | None = None
    as_it_came: str = ""

    def check(self, answer):
        """As in `Exercise`; what was handed out broken counts as untouched."""
        if self.broken is not None:
            untouched = self._results(self.broken)
            if self._first_difference(self._results(answer), untouched) is None:
                print(self.as_it_came.format(name=self.name))
                return self.reference
        return super().check(answer)

    def _result(self, answer, case: tuple):
        """Return what is seen; of a stub, the ... or None that its first part is."""
        seen = self.see(answer, *case)
        empty = isinstance(seen, tuple) and (seen[0] is None or seen[0] is ...)
        return seen[0] if empty else seen

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        ours = self._results(self.reference)[index]
        off = [
            name
            for name, one, other in zip(self.parts, result, ours, strict=True)
            if not np.allclose(one, other, rtol=self.tolerance, atol=self.tolerance)
        ]
        return f"After {self.name}, this is not as it should be: {', '.join(off)}."

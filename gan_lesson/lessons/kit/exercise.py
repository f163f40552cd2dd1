"""Check a learner's answer: right, untouched, or wrong in a way that has a name.

    bce = Exercise(
        "bce",
        reference=lambda p, y: ...,
        cases=[(0.8, 1), (0.8, 0)],
        mistakes=[(lambda p, y: ..., "The minus sign is missing.")],
        hints=("What is log .8: above or below 0?", "A loss is never below 0."),
    )
    answer = bce.check(answer)   # the learner's function if right, ours if untouched

The rooms' exercises stand in their `exercises.py`. No torch here: tensors are compared as arrays.
"""

import contextlib
import copy
import dis
import functools
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np


class WrongAnswer(AssertionError):
    """An attempted answer that is not right; the message names the mistake and hints."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone: the frames of the check would teach nothing."""
        return [f"WrongAnswer: {self}"]


@dataclass
class Exercise:
    """One exercise: what is right, what is commonly wrong, and two hints.

    Args:
        name: what the learner's function is called.
        reference: the right function, which a learner who skips the exercise gets; or, for
            an answer that is no function, the right value.
        cases: the tuples of arguments to compare on; leave it out for a value.
        mistakes: pairs (wrong function or value, one sentence that names the mistake).
        hints: what to say at the first wrong try, and from the second on.
        tolerance: how far numbers may be off, absolutely and relatively.
    """

    name: str
    reference: object
    cases: Sequence[tuple] = ((),)
    mistakes: Sequence[tuple[object, str]] = ()
    hints: tuple[str, str] = ("", "")
    tolerance: float = 1e-6
    wrong_tries: int = field(default=0, init=False)

    def check(self, answer):
        """Return what to use from here on: `answer` if right, the reference if untouched.

        A right function of numbers or lists where arrays come is right, and returned in a
        form that takes arrays; one that changes arrays which ours leaves alone gets copies.

        Raises:
            WrongAnswer: it was attempted and is not right; never tells the answer.
        """
        tried = _Tried(answer) if callable(answer) else answer
        results, right = self._results(tried), _Tried(self.reference)
        ours = self._results(right if callable(self.reference) else self.reference)
        if results[0] is None and callable(answer) and not _does_nothing(answer):
            raise WrongAnswer(f"{self.name} gives None. Is its `return` missing?")
        if _is_untouched(results[0]):
            if wrong_part := self._wrong_part(results, ours):
                self.refuse(wrong_part)
            print(
                "Not attempted yet: from here on the lesson uses gan_lesson's own "
                f"{self.name}. Write what is missing, then run both cells again."
            )
            return self.reference
        told = ""
        if callable(answer):
            answer, told = tried.for_the_lesson(may_change=right.changes)
        wrong = self._first_difference(results, ours)
        if wrong is None and any(map(_lacks_slopes, results, ours)):
            self.refuse(f"{self.name} gives the right numbers, but not as a tensor with slopes.")
        if wrong is None and any(map(_must_convert, results, ours)):
            return self._accepted(as_arrays(answer), " What it gives is made an array." + told)
        if wrong is None:
            return self._accepted(answer, told)
        if callable(answer) and any(isinstance(result, Exception) for result in results):
            for adapt, how in ADAPTATIONS:
                if adapt is not on_lists and self._took_an_array(results):
                    continue  # a function of arrays of one length is no function of numbers
                adapted = _Tried(adapt(answer))
                if self._first_difference(self._results(adapted), ours) is None:
                    adapted, more = adapted.for_the_lesson(may_change=right.changes)
                    return self._accepted(adapted, how + (more or told))
        self.refuse(self._diagnosis(results) or self._what_came_out(wrong, results[wrong]))

    def _accepted(self, answer, told: str = ""):
        """Say that the answer is right, and return it."""
        n = len(self.cases)
        cases = f" on all {n} cases" if n > 1 else ""
        print(f"Right: {self.name} agrees with ours{cases}.{told}")
        return answer

    def refuse(self, sentence: str) -> NoReturn:
        """Raise WrongAnswer with a sentence and the next hint."""
        hint = self.hints[0 if self.wrong_tries == 0 else 1]
        self.wrong_tries += 1
        raise WrongAnswer(" Hint: ".join(told for told in (sentence, hint) if told))

    def problems(self) -> list[str]:
        """Return what is wrong with the exercise itself, one sentence each; for tests.

        The reference must run on every case, and every mistake be wrong and be told by its
        own sentence.
        """
        ours = self._results(self.reference)
        told = [f"the reference fails: {r}" for r in ours if isinstance(r, Exception)]
        for wrong, sentence in self.mistakes:
            results = self._results(wrong)
            if self._first_difference(results, ours) is None:
                told.append(f"right, not wrong: {sentence}")
            elif self._diagnosis(results) != sentence:
                told.append(f"cannot be told from another mistake: {sentence}")
        return told

    def _results(self, answer) -> list:
        """Return what the answer gives in each case; an exception stands for itself."""
        results = []
        for case in self.cases:
            try:
                with np.errstate(all="ignore"):  # a wrong answer's overflow is not our news
                    results.append(self._result(answer, copy.deepcopy(case)))
            except Exception as error:
                results.append(error)
        return results

    def _result(self, answer, case: tuple):
        """Return what is compared of an answer in one case."""
        return answer(*case) if callable(answer) else answer

    def _took_an_array(self, results: list) -> bool:
        """Tell whether a case with an array of several numbers gave a result."""
        pairs = zip(results, self.cases, strict=True)
        return any(not isinstance(r, Exception) and any(map(_is_long, case)) for r, case in pairs)

    def _first_difference(self, results: list, others: list) -> int | None:
        """Return the index of the first case on which two lists of results differ."""
        for index, (one, other) in enumerate(zip(results, others, strict=True)):
            if not _same(one, other, self.tolerance):
                return index
        return None

    def _diagnosis(self, results: list) -> str:
        """Return the sentence of the first mistake that gives the same results, or ''."""
        for wrong, sentence in self.mistakes:
            if self._first_difference(results, self._results(wrong)) is None:
                return sentence
        return ""

    def _wrong_part(self, results: list, ours: list) -> str:
        """Return what to say of a half-written pair, or '' if the written parts are right."""
        if not (isinstance(results[0], (tuple, list)) and isinstance(ours[0], (tuple, list))):
            return ""
        for index, part in enumerate(results[0][: len(ours[0])]):
            mine = [_part(result, index) for result in results]
            right = [_part(result, index) for result in ours]
            if _is_untouched(part) or self._first_difference(mine, right) is None:
                continue
            for wrong, sentence in self.mistakes:
                theirs = [_part(result, index) for result in self._results(wrong)]
                if self._first_difference(mine, theirs) is None:
                    return sentence
            return f"Part {index + 1} of what {self.name} gives is not right."
        return ""

    def _what_came_out(self, index: int, result) -> str:
        call = f"{self.name}({', '.join(map(_brief, self.cases[index]))})"
        if not self.cases[index]:
            return f"{_brief(result)} is not right."
        if isinstance(result, Exception):
            return f"{call} stops with {type(result).__name__}: {result}."
        return f"{call} gives {_brief(result)}, which is not right."


class _Tried:
    """A learner's function that notes what the lesson could not go on with, and lists it."""

    def __init__(self, function):
        self.function = function
        self.changes = False  # arrays, tensors or lists that it is given
        self.runs_dry = False  # what it gives can be read only once

    def __call__(self, *arguments):
        before = _copied(arguments)
        try:
            result = self.function(*arguments)
            self.runs_dry = self.runs_dry or isinstance(result, READ_ONCE)
            return _listed(result)
        finally:
            self.changes = self.changes or not _alike(arguments, before)

    def for_the_lesson(self, may_change: bool) -> tuple[object, str]:
        """Return the function with its lists listed and its arguments spared, and what is told."""
        spares = self.changes and not may_change
        if not (spares or self.runs_dry):
            return self.function, ""

        @functools.wraps(self.function)
        def safe(*arguments, **named):
            if spares:
                arguments, named = _copied(arguments), _copied(named)
            return _listed(self.function(*arguments, **named))

        return safe, " It works on copies of its arguments." if spares else ""


READ_ONCE = (types.GeneratorType, map, filter, zip, type({}.values()))


def _listed(result):
    """Return what can be read only once as a list, and anything else as it is."""
    return list(result) if isinstance(result, READ_ONCE) else result


def _copied(value):
    """Return a copy of arrays, tensors, and lists of them; anything else as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if hasattr(value, "detach") and hasattr(value, "clone"):
        return value.clone()  # a deep copy would refuse a tensor with slopes
    if type(value) in (tuple, list):
        return type(value)(map(_copied, value))
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    return value


def _alike(value, before) -> bool:
    """Tell whether an argument is still what `_copied` kept of it."""
    if type(value) in (tuple, list):
        return len(value) == len(before) and all(map(_alike, value, before))
    if type(value) is dict:
        return value.keys() == before.keys() and all(_alike(value[k], before[k]) for k in value)
    if isinstance(value, np.ndarray) or (hasattr(value, "detach") and hasattr(value, "clone")):
        return _same(value, before, 0.0)
    return True


def elementwise(function):
    """Return a function of arrays that applies a function of numbers to each element."""

    @functools.wraps(function)
    def applied(*arguments, **named):
        return np.vectorize(function, otypes=[float])(*arguments, **named)[()]

    return applied


def on_lists(function):
    """Return a function of numbers or arrays that calls a function of lists."""

    @functools.wraps(function)
    def applied(*arguments):
        rows = np.broadcast_arrays(*arguments)
        result = function(*(row.ravel() for row in rows))
        result = np.asarray(result, dtype=float)
        return (result.reshape(rows[0].shape) if result.ndim else result)[()]  # or a mean

    return applied


def mean_of_each(function):
    """Return a function of arrays: the mean of a function of numbers over their elements."""
    each = elementwise(function)

    @functools.wraps(function)
    def applied(*arguments, **named):
        return np.mean(each(*arguments, **named))

    return applied


def as_arrays(function):
    """Return the function with the lists that it gives made arrays."""

    @functools.wraps(function)
    def applied(*arguments, **named):
        result = function(*arguments, **named)
        return _as_array(result)[()] if _must_convert(result, np.zeros(1)) else result

    return applied


# Right ideas in another form, and what is said of them.
ADAPTATIONS = (
    (elementwise, " It takes single numbers; the lesson applies it to each number of an array."),
    (mean_of_each, " It takes single numbers; the lesson takes its mean over an array."),
    (on_lists, " It takes lists; the lesson makes a list of a single number."),
)


def _must_convert(result, ours) -> bool:
    """Tell whether the lesson could not go on with a list, tensor or number of another library.

    Ours is a number or an array; SymPy's numbers and fractions cannot be printed as it is.
    """
    if not isinstance(ours, (float, int, np.ndarray, np.generic)):
        return False
    if isinstance(result, (np.ndarray, np.generic)):
        return result.dtype == object
    return isinstance(result, (list, tuple)) or (
        hasattr(result, "__float__") and not isinstance(result, (float, int))
    )


def _lacks_slopes(result, ours) -> bool:
    """Tell whether the lesson needs a tensor with slopes, and got something else."""
    return getattr(ours, "requires_grad", False) and not getattr(result, "requires_grad", False)


def _does_nothing(function) -> bool:
    """Tell whether a function's body is only `pass`, a docstring or `return None`."""
    code = getattr(function, "__code__", None)
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "COPY_FREE_VARS"}
    return code is not None and {i.opname for i in dis.get_instructions(code)} <= idle


def _is_untouched(result) -> bool:
    if isinstance(result, (TypeError, AttributeError, ValueError)):
        return "ellipsis" in str(result).lower()  # the stub's ... was computed with
    if isinstance(result, np.ndarray) and result.dtype == object:
        return any(item is Ellipsis for item in result.ravel())
    if isinstance(result, (tuple, list)):
        return any(_is_untouched(item) for item in result)
    return result is None or result is Ellipsis


def _is_long(value) -> bool:
    """Tell whether an argument is an array, tensor or list of more than one number."""
    return hasattr(value, "__len__") and bool(np.shape(value)) and np.prod(np.shape(value)) > 1


def _part(result, index: int):
    """Return one part of a pair, or the exception or whatever else came instead of a pair."""
    pair = isinstance(result, (tuple, list)) and index < len(result)
    return result[index] if pair else result


def _as_array(value):
    """Return a number, array or tensor as an array; leave anything else alone."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    value = np.asarray(value)
    if value.dtype == object and all(hasattr(item, "__float__") for item in value.ravel()):
        with contextlib.suppress(TypeError, ValueError):  # a symbol is no number
            value = value.astype(float)
    return value


def _same(one, other, tolerance: float) -> bool:
    if isinstance(one, Exception) or isinstance(other, Exception):
        return type(one) is type(other)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(
            _same(a, b, tolerance) for a, b in zip(one, other, strict=True)
        )
    one, other = _as_array(one), _as_array(other)
    if one.shape != other.shape:
        return False
    if one.dtype.kind not in "biufc" or other.dtype.kind not in "biufc":
        return bool(np.all(one == other))
    return np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)


def _brief(value) -> str:
    """Return a short text of an argument or a result."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray):
        if value.size > 20:
            return f"an array of shape {value.shape}"
        return np.array2string(value, precision=4, threshold=6, separator=", ")
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

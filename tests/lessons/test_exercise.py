"""A check is green on what is right or untouched, and names what is wrong."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy

from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer


def mean_of_squares(x):
    return np.mean(np.square(x))


@pytest.fixture
def exercise():
    return Exercise(
        "mean_of_squares",
        reference=mean_of_squares,
        cases=[(np.array([1.0, 2.0, 3.0]),), (np.array([-1.0, 5.0]),)],
        mistakes=[
            (lambda x: np.sum(np.square(x)), "That is the sum, not the mean."),
            (lambda x: np.square(np.mean(x)), "Squared after the mean, not before."),
        ],
        hints=("How many numbers are there?", "Square each, add, divide by their number."),
    )


def test_a_right_answer_is_returned(exercise, capsys):
    def mine(x):
        return (x**2).sum() / len(x)

    assert exercise.check(mine) is mine
    assert "Right" in capsys.readouterr().out


def returns_ellipsis(x):
    return ...


def returns_nothing(x):
    pass


def computes_with_it(x):
    squares = ...
    return squares / len(x)


def asks_it_for_a_mean(x):
    squares = ...
    return squares.mean()


def converts_it(x):
    return float(...)


def stores_it(x):
    return np.array([..., ...])


def gives_a_pair(x):
    return 1.0, ...


STUBS = [
    returns_ellipsis,
    returns_nothing,
    computes_with_it,
    asks_it_for_a_mean,
    converts_it,
    stores_it,
    gives_a_pair,
]


@pytest.mark.parametrize("stub", [*STUBS, ..., None])
def test_an_untouched_stub_gets_the_reference_and_is_announced(exercise, stub, capsys):
    assert exercise.check(stub) is mean_of_squares
    said = capsys.readouterr().out
    assert said.startswith("Not attempted yet: from here on the lesson uses gan_lesson's own mean_")


def test_a_known_mistake_is_named_with_one_hint_then_the_other(exercise):
    def mine(x):
        return sum(x**2)

    with pytest.raises(WrongAnswer, match="the sum, not the mean. Hint: How many numbers"):
        exercise.check(mine)
    for _ in range(2):
        with pytest.raises(WrongAnswer, match="the sum, not the mean. Hint: Square each"):
            exercise.check(mine)


def test_an_unknown_mistake_shows_what_came_out_and_not_what_should(exercise):
    with pytest.raises(WrongAnswer) as error:
        exercise.check(lambda x: 99.0)
    assert "mean_of_squares([1., 2., 3.]) gives 99, which is not right. Hint:" in str(error.value)
    assert "4.66" not in str(error.value)


def test_a_mistake_on_a_later_case_only_is_found(exercise):
    with pytest.raises(WrongAnswer, match=r"mean_of_squares\(\[-1.,  5.\]\) gives nan"):
        exercise.check(lambda x: mean_of_squares(x) if x.min() > 0 else np.nan)


def test_an_answer_that_stops_is_wrong_and_said_so(exercise):
    with pytest.raises(WrongAnswer, match="stops with ZeroDivisionError: division by zero"):
        exercise.check(lambda x: 1 / 0)


def test_a_wrong_shape_is_wrong(exercise):
    with pytest.raises(WrongAnswer):
        exercise.check(lambda x: np.full(3, mean_of_squares(x)))


def spoils(x):
    x *= x
    return x.mean()


def spoils_lists_alone(x):
    if isinstance(x, float):
        raise TypeError
    for i in range(len(x)):
        x[i] *= x[i]
    return sum(x) / len(x)


@pytest.mark.parametrize("answer", [spoils, spoils_lists_alone])
def test_what_changes_its_arguments_is_right_and_gets_copies(exercise, answer, capsys):
    taken = exercise.check(answer)
    assert "It works on copies of its arguments." in capsys.readouterr().out
    assert exercise.cases[0][0].tolist() == [1, 2, 3]
    mine = np.array([1.0, 3.0])
    assert taken(mine) == taken(x=mine) == 5 and mine.tolist() == [1, 3]


def test_copies_are_made_of_tensors_with_slopes_and_of_lists():
    torch = pytest.importorskip("torch")
    doubled = Exercise("doubled", reference=lambda x: 2 * x[0], cases=[([torch.ones(2)],)])

    def mine(x):
        x[0] *= 2
        return x[0]

    taken = doubled.check(mine)
    w = torch.ones(2, requires_grad=True)
    hidden = 3 * w
    taken([hidden]).sum().backward()
    assert w.grad.tolist() == [6, 6] and hidden.tolist() == [3, 3]


def test_what_ours_changes_too_is_given_itself():
    def step(x):
        x -= 1
        return x.sum()

    exercise = Exercise("step", reference=step, cases=[(np.ones(2),)])
    mine = lambda x: step(x)  # noqa: E731
    assert exercise.check(mine) is mine


def test_what_can_be_read_only_once_is_listed(capsys):
    squares = Exercise("squares", reference=np.square, cases=[(np.array([1.0, 2.0]),)])
    pair = Exercise("pair", reference=lambda x: (x, -x), cases=[(1.0,)])

    def yields(x):
        for number in x:
            yield number**2

    for answer in (yields, lambda x: map(np.square, x), lambda x: (n * n for n in x)):
        taken = squares.check(answer)
        assert (taken(np.array([3.0, 4.0])) + 0).tolist() == [9, 16]
    assert pair.check(lambda x: map(float, (x, -x)))(2.0) == [2, -2]
    assert "What it gives is made an array." in capsys.readouterr().out


def test_a_half_written_pair_is_judged_by_what_is_written(capsys):
    pair = Exercise(
        "pair",
        reference=lambda x: (x, -x),
        cases=[(1.0,), (2.0,)],
        mistakes=[(lambda x: (x * x, -x), "A square.")],
        hints=("Look at x.", "Copy x."),
    )
    for untouched in (lambda x: (..., ...), lambda x: (x, ...), lambda x: [..., -x]):
        assert pair.check(untouched) is pair.reference
    with pytest.raises(WrongAnswer, match="A square. Hint: Look at x."):
        pair.check(lambda x: (x * x, ...))
    with pytest.raises(WrongAnswer, match="Part 2 of what pair gives is not right. Hint: Copy"):
        pair.check(lambda x: (..., 7.0))


def test_the_learner_sees_the_message_without_the_frames(exercise):
    with pytest.raises(WrongAnswer) as error:
        exercise.check(lambda x: 99.0)
    assert error.value._render_traceback_() == [f"WrongAnswer: {error.value}"]


def test_an_answer_may_be_a_value():
    certainty = Exercise(
        "certainty", reference=0.7, mistakes=[(0.99, "Too sure.")], hints=("Less.", "Count.")
    )
    assert certainty.check(...) == 0.7
    assert certainty.check(0.7) == 0.7
    with pytest.raises(WrongAnswer, match="Too sure. Hint: Less."):
        certainty.check(0.99)
    with pytest.raises(WrongAnswer, match="0.5 is not right. Hint: Count."):
        certainty.check(0.5)


def test_several_results_tensors_and_texts_are_compared():
    torch = pytest.importorskip("torch")
    pair = Exercise(
        "pair",
        reference=lambda x: (np.float64(2.0), "right"),
        cases=[(torch.ones(2),)],
        tolerance=1e-5,
    )
    right = lambda x: (x.sum(), "right")  # noqa: E731
    assert pair.check(right) is right
    for wrong in (lambda x: (x.sum(), "wrong"), lambda x: (x, "right"), lambda x: x.sum()):
        with pytest.raises(WrongAnswer):
            pair.check(wrong)


def test_the_tolerance_is_kept():
    one = Exercise("one", reference=lambda: 1.0, cases=[()], tolerance=1e-3)
    right = lambda: 1.0005  # noqa: E731
    assert one.check(right) is right
    with pytest.raises(WrongAnswer):
        one.check(lambda: 1.01)


def test_an_exercise_tells_its_own_problems(exercise):
    assert exercise.problems() == []
    exercise.mistakes = [
        (mean_of_squares, "This is right."),
        (lambda x: np.sum(np.square(x)), "The sum."),
        (lambda x: np.sum(np.square(x)), "The sum again."),
    ]
    assert exercise.problems() == [
        "right, not wrong: This is right.",
        "cannot be told from another mistake: The sum again.",
    ]
    exercise.reference = lambda x: 1 / 0
    assert exercise.problems()[0] == "the reference fails: division by zero"


def test_a_forgotten_return_is_an_attempt_and_is_named(exercise):
    def forgets(x):
        squares = x * x  # noqa: F841

    with pytest.raises(WrongAnswer, match="gives None.*`return` missing"):
        exercise.check(forgets)


def test_what_takes_arrays_of_one_length_only_is_no_function_of_numbers(exercise):
    with pytest.raises(WrongAnswer, match="stops with ValueError"):
        exercise.check(lambda x: np.mean(x**2 * np.ones(3)))
    numbers = Exercise("root", reference=np.sqrt, cases=[(np.array([1.0, 4.0]),), (9.0,)])
    assert numbers.check(math.sqrt)(np.array([16.0, 25.0])).tolist() == [4, 5]


@pytest.mark.parametrize("number", [Fraction, Decimal, sympy.Rational, sympy.Float])
def test_a_number_of_another_library_is_made_a_plain_one(number):
    half = Exercise("half", reference=lambda x: x / 2, cases=[(3,), (5,)])
    taken = half.check(lambda x: number(x) / 2)
    assert isinstance(taken(3), float) and f"{taken(3):.2f}" == "1.50"
    with pytest.raises(WrongAnswer, match="is not right"):
        half.check(lambda x: number(x) / 3)
    with pytest.raises(WrongAnswer, match="is not right"):
        half.check(lambda x: sympy.Symbol("x") / 2)

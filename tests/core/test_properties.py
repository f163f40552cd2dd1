"""Whatever a learner types in: a right result, or one sentence that says what is wrong with it.

Hypothesis makes up the numbers: NaN, infinite, empty, huge and tiny ones among them.
"""

import ast
import inspect
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import gan_lesson
from gan_lesson import checks, data, plots
from gan_lesson.diagnosis import diagnose
from gan_lesson.history import History
from gan_lesson.latent_space import direction, on_line, on_sphere, share_shorter
from gan_lesson.lessons.lesson_00 import forgeries
from gan_lesson.lessons.lesson_02 import games
from gan_lesson.lessons.lesson_04 import descent
from gan_lesson.lessons.lesson_05 import density
from gan_lesson.lessons.lesson_07 import smoothing
from gan_lesson.lessons.lesson_08 import dirac
from gan_lesson.lessons.lesson_09 import convolve
from gan_lesson.lessons.mathematics import bce, divergence
from gan_lesson.lessons.mathematics import value as value_module
from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
from gan_lesson.metrics import (
    class_shares,
    features,
    frechet_distance,
    jsd_on_grid,
    mode_scores,
    precision_recall,
)
from gan_lesson.networks import Generator, multilayer_perceptron, small_pair
from gan_lesson.trainer import Trainer

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # the same examples on each machine and each day
    database=None,
    suppress_health_check=list(HealthCheck),
)

# Up to 10^60: beyond 10^154 squares overflow, and a result may be inf or NaN.
ODD = [math.nan, math.inf, -math.inf, 0.0, -1.0, 1.0, 1e60, -1e60, 1e-60]
NUMBER = some.sampled_from(ODD) | some.floats(-3, 3, allow_subnormal=False)
LIST = some.lists(NUMBER, max_size=4)
SQUARE = some.lists(some.lists(NUMBER, min_size=2, max_size=2), min_size=2, max_size=2)
ANYTHING = NUMBER | LIST | SQUARE | some.sampled_from([None, "one half", []])
COUNT = some.integers(-1, 6) | some.sampled_from([math.nan, math.inf, 2.5, None])

DENSITY, PLACES = [0.2, 0.5, 0.3], [-1.0, 0.0, 1.0]
GAMES = [dirac.DiracGAN(), dirac.DiracGAN("non_saturating", r1_gamma=0.3, noise_sd=0.5)]

# An argument's good value, by its name. In each try some arguments keep it, others do not.
GOOD = {
    **dict.fromkeys(("p", "d", "d_real", "d_fake"), [0.2, 0.5, 0.7]),
    **dict.fromkeys(("p_data", "p_g", "q", "weights"), DENSITY),
    **dict.fromkeys(("s", "x", "z", "theta", "w", "logits", "means", "edges"), PLACES),
    **dict.fromkeys(("scores_real", "scores_fake"), PLACES),
    **dict.fromkeys(("sd", "dx", "h", "gamma", "r1_gamma", "r2_gamma", "lr", "prior"), 0.5),
    **dict.fromkeys(("a", "b", "bend", "mean", "noise_sd"), 0.5),
    **dict.fromkeys(("n", "n_steps", "places", "n_in", "n_out", "c_in", "c_out", "most"), 3),
    **dict.fromkeys(("d_steps", "g_steps", "stride"), 1),
    **dict.fromkeys(("alternating", "simultaneous"), True),
    "padding": 0,
    "y": [0, 1, 1],
    "sds": [1.0, 2.0, 3.0],
    "steps": [0, 1, 10],
    "kernel": [[1.0, 2.0], [3.0, 4.0]],
    "matrix": [[0.0, 1.0], [-1.0, 0.5]],
    "kind": "saturating",
    "loss": "saturating",
    "order": "alternating",
    "first": "D",
    "start": [1.0, 0.0],
    "game": GAMES[0],
    "optimizer": "adam",
    "slope": np.sin,
    "detective": "late",
    "stage": "early",
}
GOOD_FOR = {
    "averaged_radius": {"start": 1.0},
    "play_product": {"theta": 1.0, "w": 0.0},
    "convolve": {"x": [[1.0, 2.0, 3.0]] * 3},
    "transposed_convolve": {"y": [[1.0, 2.0], [3.0, 4.0]]},
    "output_size": {"kernel": 2},
    "transposed_output_size": {"kernel": 2},
    "overlaps": {"kernel": 2},
    "inner_overlaps": {"kernel": 2},
    "convolution_cost": {"kernel": 2},
}
ODD_FOR = {"game": some.sampled_from(GAMES), "slope": some.sampled_from([np.sin, np.asarray])}
# Steps that lead out of the floating-point numbers give inf or NaN, as their docstrings say.
MAY_BE_NAN = {"play", "play_product", "descend"}
ELSEWHERE = {"load_race", "load_forgeries", "two_densities"}


def public_functions():
    """The functions of the modules that need NumPy only."""
    for module in (
        bce,
        value_module,
        divergence,
        games,
        density,
        descent,
        smoothing,
        dirac,
        convolve,
        forgeries,
    ):
        for name, function in vars(module).items():
            is_here = getattr(function, "__module__", None) == module.__name__
            known = name.startswith("_") or name in ELSEWHERE
            if is_here and inspect.isfunction(function) and not known:
                yield function
    yield dirac.DiracGAN


def odd(name, good):
    """Return what may come instead of a good value."""
    if name in ODD_FOR:
        return ODD_FOR[name]
    if isinstance(good, bool):
        return some.booleans()
    return COUNT if isinstance(good, int) else ANYTHING


def holds_nan(result):
    if isinstance(result, tuple | list):
        return any(map(holds_nan, result))
    numbers = np.asarray(result)
    return numbers.dtype.kind in "fc" and bool(np.isnan(numbers).any())


@pytest.mark.parametrize("function", list(public_functions()), ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow: inf is then the right answer
def test_a_formula_gives_numbers_or_a_sentence(function):
    name = function.__name__
    known = {**GOOD, **GOOD_FOR.get(name, {})}
    good = {p: known[p] for p in inspect.signature(function).parameters}
    function(**good)

    def holds(arguments):
        try:
            result = function(**arguments)
        except (ValueError, TypeError) as error:
            assert len(str(error).split()) >= 4, f"{error!r} says nothing of {arguments}"
        else:
            assert name in MAY_BE_NAN or not holds_nan(result), f"a NaN comes of {arguments}"

    for argument, value in good.items():  # one wrong argument at a time, then several
        shaped = np.ndim(value) and [np.full(np.shape(value), number) for number in ODD]
        for instead in (*ODD, [], None, "one half", *(shaped or ())):
            endless = type(value) is int and isinstance(instead, float) and 1e3 < instead < 1e300
            if argument not in ODD_FOR and not endless:
                holds({**good, argument: instead})
    several = {key: some.just(value) | odd(key, value) for key, value in good.items()}
    FEW(given(some.fixed_dictionaries(several))(holds))()


# --- what takes tensors and networks ----------------------------------------------------------

NAN, HUGE = math.nan, 1e38


def trained_on(samples, **settings):
    trainer = Trainer(*small_pair(2), samples, batch_size=4, **settings)
    return list(trainer.run(3))[-1]


def history_with(**change):
    row = {"d_real": 0.5, "d_fake": 0.5, "loss_d": 1.4, "loss_g": 0.7}
    History().append(**{**row, **change})


IMAGES = torch.zeros(2, 1, 28, 28)
ONES = torch.ones(4, 1)
PLANE = np.zeros((3, 2))
REFUSED = {
    "no logits": lambda: discriminator_loss(torch.empty(0, 1), ONES),
    "logits in a row": lambda: generator_loss(torch.ones(4)),
    "an unknown loss": lambda: generator_loss(ONES, "least_squares"),
    "x without gradient": lambda: r1_penalty(ONES, ONES),
    "a negative modulus": lambda: data.ring(-1),
    "half a mode": lambda: data.ring(2.5),
    "a ring without end": lambda: data.ring(8, math.inf),
    "a mode without end": lambda: data.ring(8, sd=math.inf),
    "a grid of NaN": lambda: data.grid(5, spacing=NAN),
    "an empty grid": lambda: data.grid(0),
    "moons of NaN": lambda: data.two_moons(NAN),
    "an endless spiral": lambda: data.spiral(math.inf),
    "shares beyond 1": lambda: data.two_bumps(share=2.0),
    "letters of no width": lambda: data.letters("A", -1.0),
    "no letters": lambda: data.letters(" "),
    "points that are NaN": lambda: data.from_points([[0.0, 0.0], [NAN, 1.0]]),
    "no points": lambda: data.from_points([]),
    "no samples": lambda: data.ring().sample(0),
    "places in space": lambda: data.ring().density(torch.zeros(3, 3)),
    "images that are NaN": lambda: features(IMAGES * NAN),
    "huge images": lambda: features(IMAGES + HUGE),
    "no images": lambda: features(IMAGES[:0]),
    "images in colour": lambda: features(torch.zeros(2, 3, 28, 28)),
    "small images": lambda: features(torch.zeros(2, 1, 7, 7)),
    "a list of images": lambda: features([0.0, 1.0]),
    "shares of no images": lambda: class_shares(IMAGES[:0]),
    "one feature row": lambda: frechet_distance(np.ones((1, 3)), np.ones((5, 3))),
    "features that are NaN": lambda: frechet_distance(np.eye(3) * NAN, np.eye(3)),
    "other features": lambda: frechet_distance(np.eye(3), np.eye(4)),
    "samples at infinity": lambda: mode_scores(PLANE + math.inf, PLANE[:1], 1.0),
    "no samples to score": lambda: mode_scores(PLANE[:0], PLANE[:1], 1.0),
    "one centre twice": lambda: mode_scores(PLANE, PLANE, 1.0),
    "a mode of no width": lambda: mode_scores(PLANE, PLANE[:1], 0.0),
    "cells without end": lambda: jsd_on_grid(PLANE, PLANE[:1], 1, half_width=math.inf),
    "too few neighbours": lambda: precision_recall(PLANE, PLANE),
    "an arc from 0": lambda: on_sphere(torch.zeros(4), torch.ones(4), ONES[:, 0]),
    "an arc to itself": lambda: on_sphere(ONES[:, 0], ONES[:, 0], ONES[:, 0]),
    "an arc through NaN": lambda: on_sphere(ONES[:, 0] * NAN, ONES[:, 0], ONES[:, 0]),
    "a line to elsewhere": lambda: on_line(torch.ones(3), torch.ones(4), ONES[:, 0]),
    "a negative length": lambda: share_shorter(-1.0, 2),
    "a length of NaN": lambda: share_shorter(NAN, 2),
    "no dimension": lambda: share_shorter(1.0, 0),
    "scores all alike": lambda: direction(torch.rand(4, 3), ONES[:, 0]),
    "scores of NaN": lambda: direction(torch.rand(4, 3), ONES[:, 0] * NAN),
    "no layers": lambda: multilayer_perceptron([2]),
    "a layer of none": lambda: multilayer_perceptron([2, 0, 1]),
    "z of no width": lambda: Generator(torch.nn.Identity(), 0),
    "no z": lambda: small_pair(2)[0].sample_z(0),
    "z of another width": lambda: small_pair(2)[0](torch.zeros(3, 5)),
    "training on NaN": lambda: trained_on(torch.full((9, 2), NAN)),
    "training on nothing": lambda: trained_on(torch.empty(0, 2)),
    "training on whole numbers": lambda: trained_on(torch.ones(9, 2, dtype=torch.int64)),
    "training on space": lambda: trained_on(torch.ones(9, 3)),
    "a penalty of NaN": lambda: trained_on(torch.ones(9, 2), r1_gamma=NAN),
    "an infinite penalty": lambda: trained_on(torch.ones(9, 2), r1_gamma=math.inf),
    "a seed of NaN": lambda: trained_on(torch.ones(9, 2), seed=NAN),
    "half a turn": lambda: trained_on(torch.ones(9, 2), d_steps=0.5),
    "a probability of 2": lambda: history_with(d_real=2.0),
    "a probability of nothing": lambda: history_with(d_fake=[]),
    "a word for a loss": lambda: history_with(loss_d="small"),
    "a diagnosis of nothing": lambda: diagnose(History()),
    "a sheet of no images": lambda: plots.tile(np.zeros((0, 28, 28), np.uint8), 5),
    "a sheet of no columns": lambda: plots.tile(np.zeros((3, 28, 28), np.uint8), 0),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(call):
    with pytest.raises((ValueError, TypeError)) as told:
        call()
    assert len(str(told.value).split()) >= 4


@FEW
@given(
    some.lists(some.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=5),
    some.sampled_from([torch.float32, torch.float64]),
)
def test_losses_of_any_finite_logits_are_finite_and_of_the_right_sign(numbers, dtype):
    logits = torch.tensor(numbers, dtype=dtype)[:, None]
    losses = [discriminator_loss(logits, -logits), generator_loss(logits)]
    losses.append(-generator_loss(logits, "saturating"))
    assert all(loss >= 0 and loss.isfinite() for loss in losses)


@FEW
@given(some.floats(-1e30, 1e30), some.floats(1e-3, 1e3), some.integers(1, 9))
def test_densities_far_and_near_are_numbers(place, sd, modes):
    x = torch.tensor([[place, -place]])
    mixture = data.ring(modes, sd=sd)
    assert not mixture.log_density(x).isnan().any() and (mixture.density(x) >= 0).all()


@FEW
@given(some.lists(some.floats(-(2.0**126), 2.0**126, width=32), min_size=4, max_size=4))
def test_training_on_any_finite_points_goes_on_or_names_the_step(numbers):
    from gan_lesson.trainer import TrainingDiverged

    points = torch.tensor(numbers).reshape(2, 2)
    try:
        record = trained_on(points)
    except TrainingDiverged as error:
        assert "in step" in str(error)
    else:
        assert math.isfinite(record.loss_d) and math.isfinite(record.loss_g)


PACKAGE = Path(gan_lesson.__file__).parent
REFUSALS = {f"checks.{name}" for name in vars(checks)}


def functions_in(tree, doc=""):
    """Yield (function, the docstring that speaks for it) of all that is public in a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from functions_in(node, ast.get_docstring(node) or "")
        elif isinstance(node, ast.FunctionDef):
            if node.name == "__init__":
                yield node, doc
            elif not node.name.startswith("_"):
                yield node, ast.get_docstring(node) or ""


@pytest.mark.parametrize(
    "module",
    sorted(PACKAGE.rglob("*.py")),
    ids=lambda path: path.stem,
)
def test_what_raises_says_so(module):
    """In its own docstring; what only asks `checks` may leave that to its module's."""
    tree = ast.parse(module.read_text("utf-8"))
    of_all = "ValueError" in (ast.get_docstring(tree) or "")
    silent = []
    for function, doc in functions_in(tree):
        raised = [n.exc for n in ast.walk(function) if isinstance(n, ast.Raise) and n.exc]
        calls = [exc.func.id for exc in raised if isinstance(exc, ast.Call)]
        asked = [n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)
                 and ast.unparse(n) in REFUSALS]  # fmt: skip
        said = re.search(r"[Rr]aise|[Ee]rror", doc)
        if not said and (calls or (asked and not of_all)):
            silent.append((function.name, calls + asked))
    assert silent == []

"""Each check lets pass what may pass, and says of the rest what it was and what it may be."""

import math
import sys
from subprocess import run

import numpy as np
import pytest
import torch

from gan_lesson import checks

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("check", "passes"),
    [
        (checks.count, [(1,), (np.int64(7),), (0, 0), (2, 1, 2)]),
        (checks.positive, [(1,), (1e-300,), (np.float32(2),)]),
        (checks.not_negative, [(0,), (0.0,), (1e300,)]),
        (checks.between, [(0.5, 0, 1), (-1e-9, -1, 1)]),
        (checks.one_of, [("a", ("a",)), ("b", {"a": 1, "b": 2})]),
        (checks.shape, [(np.ones((3, 3)), "k", "k"), (torch.ones(2, 1, 28, 28), "n", 1, 28, 28)]),
        (checks.shape, [(np.ones((0, 2)), "n", 2), (np.ones((2, 3, 4)), "n", ...)]),
        (checks.shape, [(np.ones((1, 5)), "n", "d"), (np.ones(4), "n")]),
        (checks.all_finite, [(np.float32(1),), (torch.ones(2),), (np.ones(0),)]),
    ],
)
def test_what_may_pass_passes_in_silence(check, passes):
    for arguments in passes:
        assert check("x", *arguments) is None


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: checks.count("n", 0), "n is 0; it must be an integer >= 1"),
        (lambda: checks.count("n", 2.0), "n is 2.0; it must be an integer >= 1"),
        (lambda: checks.count("n", True), "n is True; it must be an integer >= 1"),
        (lambda: checks.count("n", -1, 0), "n is -1; it must be an integer >= 0"),
        (lambda: checks.count("n", 9, 1, 8), "n is 9; it must be an integer from 1 to 8"),
        (lambda: checks.positive("sd", 0), "sd is 0; it must be positive and finite"),
        (lambda: checks.positive("sd", INF), "sd is inf; it must be positive and finite"),
        (lambda: checks.positive("sd", NAN), "sd is nan; it must be positive and finite"),
        (lambda: checks.not_negative("h", -1), "h is -1; it must be at least 0 and finite"),
        (lambda: checks.not_negative("h", NAN), "h is nan; it must be at least 0 and finite"),
        (lambda: checks.between("a", 1, 0, 1), "a is 1; it must lie strictly between 0 and 1"),
        (lambda: checks.between("a", NAN, 0, 1), "a is nan; it must lie strictly between 0 and 1"),
        (lambda: checks.one_of("a", "c", ("a",)), "a is 'c'; it must be 'a'"),
        (lambda: checks.one_of("a", "d", "abc"), "a is 'd'; it must be 'a', 'b' or 'c'"),
        (lambda: checks.one_of("a", "ab", "abc"), "a is 'ab'; it must be 'a', 'b' or 'c'"),
        (lambda: checks.numbers("x", [1, NAN]), "x holds a NaN; it must hold numbers only"),
        (
            lambda: checks.finite("x", [1, INF]),
            "x holds NaN or infinite numbers; every one must be finite",
        ),
        (
            lambda: checks.all_finite("x", torch.tensor([NAN])),
            "x holds NaN or infinite numbers; every one must be finite",
        ),
        (
            lambda: checks.probabilities("p", [-1, 2]),
            "p goes from -1 to 2; it must lie between 0 and 1 (is it a logit?)",
        ),
        (
            lambda: checks.shape("x", np.ones((2, 3)), "n", "n"),
            "x has shape (2, 3); it must be (n, n)",
        ),
        (
            lambda: checks.shape("x", torch.ones(2, 3), "n", 2),
            "x has shape (2, 3); it must be (n, 2)",
        ),
        (lambda: checks.shape("x", np.ones((2, 3)), "n"), "x has shape (2, 3); it must be (n,)"),
        (
            lambda: checks.shape("x", np.ones((0, 3)), "n", "d", least=1),
            "x has shape (0, 3); it must be (n, d) with n >= 1",
        ),
        (
            lambda: checks.shape("x", np.ones((3, 0)), "n", "d", least=1),
            "x has shape (3, 0); it must be (n, d) with n >= 1",
        ),
        (lambda: checks.shape("x", np.ones(2), "n", ...), "x has shape (2,); it must be (n, ...)"),
        (
            lambda: checks.shape("x", np.ones((19, 2)), "n", ..., least=20),
            "x has shape (19, 2); it must be (n, ...) with n >= 20",
        ),
        (
            lambda: checks.not_empty("x", np.ones((2, 0))),
            "x is empty; it must hold at least one number",
        ),
        (
            lambda: checks.same_shape("p", np.ones(2), "q", torch.ones(3)),
            "p and q have shapes (2,) and (3,); they must agree",
        ),
    ],
)
def test_what_may_not_pass_is_named_with_what_it_may_be(refused, sentence):
    with pytest.raises(ValueError) as told:
        refused()
    assert str(told.value) == sentence


def test_a_file_is_no_folder_and_what_is_not_there_may_become_one(tmp_path):
    checks.folder("--out", tmp_path)
    checks.folder("--out", tmp_path / "new")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"--out is '.*file', a file; it must be a folder"):
        checks.folder("--out", tmp_path / "file")


def test_arrays_come_back_as_floats():
    for check in (checks.numbers, checks.finite, checks.probabilities):
        assert check("x", [0, 1]).dtype == float and check("x", 1).shape == ()
        assert check("x", []).size == 0
    assert checks.numbers("x", INF) == INF


def test_checks_load_no_torch():
    told = "import gan_lesson.checks, sys; assert 'torch' not in sys.modules"
    run([sys.executable, "-c", told], check=True)

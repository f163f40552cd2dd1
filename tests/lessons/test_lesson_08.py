"""Lesson 08's field and flow, its exercises and questions, and its notebook."""

import numpy as np
import pytest
import sympy
from lesson_text import LessonText, alt, lock_and_reveal

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_08 import exercises as lesson_08
from gan_lesson.lessons.lesson_08 import questions
from gan_lesson.lessons.lesson_08.dirac import DiracGAN, play
from gan_lesson.lessons.mathematics.bce import sigmoid

LESSON = LessonText("08_why_training_circles")
PLAIN, OTHER = DiracGAN(), DiracGAN(loss="non_saturating")
R1 = DiracGAN(r1_gamma=0.3)
OURS, THEIRS = (1.0, 1.0), (1.0, -1.0)  # their (1, 1): D high on generated, their psi = -psi


def radius(*args, **kwargs):
    return np.hypot(*play(*args, **kwargs).T)


@pytest.fixture(scope="module")
def lesson():
    """Both fields, as the lesson's cells write them out."""
    return LESSON.define("field", "field_non_saturating")


# --- the field and the flow ------------------------------------------------------------


def test_the_field_is_what_sympy_derives_from_v(lesson):
    theta, psi = sympy.symbols("theta psi", real=True)

    def sig(s):
        return 1 / (1 + sympy.exp(-s))

    v = sympy.log(sig(0)) + sympy.log(1 - sig(psi * theta))
    non_saturating = -sympy.log(sig(psi * theta))
    field, other = lesson["field"], lesson["field_non_saturating"]
    gamma = 0.7
    for place in ((1.0, 1.0), (0.3, -2.0), (-1.5, 0.5), (2.0, 3.0)):
        at = dict(zip((theta, psi), place, strict=True))
        in_theta, in_psi = float(-v.diff(theta).subs(at)), float(v.diff(psi).subs(at))
        assert PLAIN.pulls(*place) == pytest.approx((in_theta, in_psi), abs=1e-12)
        assert field(*place) == pytest.approx((in_theta, in_psi), abs=1e-12)
        in_other = float(-non_saturating.diff(theta).subs(at))
        assert OTHER.pulls(*place) == pytest.approx((in_other, in_psi), abs=1e-12)
        assert other(*place) == pytest.approx((in_other, in_psi), abs=1e-12)
        braked = DiracGAN(r1_gamma=gamma).pulls(*place)
        assert braked == pytest.approx((in_theta, in_psi - gamma * place[1]), abs=1e-12)


def test_r1_is_the_packages_own_penalty():
    import torch

    from gan_lesson.losses import r1_penalty

    psi = torch.tensor(1.7, dtype=torch.float64, requires_grad=True)
    x = torch.zeros(5, 1, dtype=torch.float64, requires_grad=True)
    (0.3 * r1_penalty(psi * x, x)).backward()
    without, with_r1 = PLAIN.pulls(0.4, 1.7)[1], R1.pulls(0.4, 1.7)[1]
    assert without - with_r1 == pytest.approx(psi.grad.item(), abs=1e-12)


def test_the_field_vanishes_only_at_the_end():
    grid = np.linspace(-4, 4, 41)
    theta, psi = np.meshgrid(grid, grid)
    speed = np.hypot(*PLAIN.pulls(theta, psi))
    assert speed[20, 20] == 0
    assert np.sum(speed == 0) == 1


def test_mescheders_sign_is_the_mirror_of_ours():
    """V with D high on generated: f(psi theta) + f(0), f(t) = -log(1 + e^-t); D up, G down."""
    t = sympy.symbols("t", real=True)
    f = -sympy.log(1 + sympy.exp(-t))
    slope = sympy.lambdify(t, f.diff(t))
    for theta, psi in ((1.0, 1.0), (0.4, -1.7)):
        theirs = -psi * slope(psi * theta), theta * slope(psi * theta)
        mirrored = PLAIN.pulls(theta, -psi)
        assert theirs == pytest.approx((mirrored[0], -mirrored[1]), abs=1e-12)


def test_the_flow_keeps_its_distance_and_turns_in_4_pi_near_the_middle():
    for start in (OURS, THEIRS, (0.3, -2.0)):
        r = radius(PLAIN, start, 0.2, 500, "flow")
        np.testing.assert_allclose(r, r[0], rtol=5e-5)
    small = play(PLAIN, (0.001, 0.0), 4 * np.pi / 100, 100, "flow")
    np.testing.assert_allclose(small[-1], small[0], atol=1e-6)
    assert 2 * np.pi / 0.5 == pytest.approx(12.6, abs=0.05)
    assert np.sum(np.multiply(PLAIN.pulls(0.7, -1.1), (0.7, -1.1))) == pytest.approx(0, abs=1e-15)


def test_d_is_one_half_everywhere_twice_a_round_where_g_is_farthest_off():
    path = play(PLAIN, OURS, 0.001, 16_000, "flow")
    crossings = np.flatnonzero(path[:-1, 1] * path[1:, 1] <= 0)
    assert len(crossings) == 3
    for step in crossings:
        d = sigmoid(path[step, 1] * np.array([-2.0, 0.0, 2.0]))
        np.testing.assert_allclose(d, 0.5, atol=5e-4)
        assert abs(path[step, 0]) == pytest.approx(np.sqrt(2), abs=1e-4)
    angle = np.unwrap(np.arctan2(*path.T[::-1]))
    round_ = np.flatnonzero(np.abs(angle - angle[0]) >= 2 * np.pi)[0]
    assert np.sum(crossings < round_) == 2


# --- exercises and predictions ------------------------------------------------------------


@pytest.mark.parametrize(
    "name, old, new, sentence",
    [
        ("alternating_step", "field(theta, psi_new)", "field(theta, psi)", "still uses the old ψ"),
        ("alternating_step", "psi_new)[0]", "psi_new)[1]", "D's pull for θ"),
        ("simultaneous_step", "+ h * to_g", "- h * to_g", "G's sign"),
        ("simultaneous_step", "+ h * to_g", "+ h * to_d", "is not right"),
        ("largest_h", "4 * gamma", "gamma / 4", "upside down"),
    ],
)
def test_a_wrong_line_typed_into_the_answer_turns_the_cell_red(name, old, new, sentence, lesson):
    answer = LESSON.cell_with(f"def {name}(", "answer")
    assert old in answer
    wrong = LESSON.run(answer.replace(old, new), field=lesson["field"])[name]
    with pytest.raises(WrongAnswer, match=sentence):
        getattr(lesson_08, f"check_{name}")(wrong)


@pytest.mark.parametrize(
    "said, right", [(0.05, True), (0.04, False), (0.06, False), (0.2, False), (0.8, False)]
)
def test_the_smallest_gamma_is_judged(said, right):
    asked = lock_and_reveal(questions.ask_smallest_gamma(), said)
    assert asked.row["right"] == right
    assert asked.row["truth"] == pytest.approx(0.05)


# --- the notebook ------------------------------------------------------------


def test_the_stored_notebook_reads_without_a_kernel():
    pictures = LESSON.pictures()
    assert len(pictures) == 3 and all(map(alt, pictures))
    assert not any("widget-view" in key for o in LESSON.outputs() for key in o.get("data", {}))
    assert LESSON.stored.stat().st_size < 500_000


def test_no_visible_cell_tells_a_prediction_before_it_is_asked():
    text = LESSON.visible
    before = text[: text.index("ask_smallest_gamma")]
    assert "h < 4γ" not in before and "0.05 " not in before
    assert "√(2h)" not in text[: text.index("ask_limit_cycle")]

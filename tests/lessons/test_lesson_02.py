"""Lesson 02, G(z), the value and the ledger: every number of sections 1 to 3."""

import ast
import builtins
import inspect
import math
import re

import jupytext
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special
import scipy.stats
import sympy
from lesson_text import alt, lock_and_reveal, names_bound, names_read
from of_lesson_02 import LESSON, TARGET, numbers

from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF
from gan_lesson.lessons.lesson_02 import questions
from gan_lesson.lessons.lesson_02.exercises import check_value
from gan_lesson.lessons.lesson_02.explorers import PushForwardExplorer
from gan_lesson.lessons.lesson_02.games import overlap, push_forward, push_forward_density
from gan_lesson.lessons.mathematics.value import ledger, value

TEXT, cell_with, run, printed = LESSON.text, LESSON.cell_with, LESSON.run, LESSON.printed


# 1. What is G(z)?


def test_the_lessons_g_and_its_density_are_the_packages():
    names = run(cell_with("def G(z"), cell_with("def density_of_G(z"))
    z = np.random.default_rng(5).normal(0, 2, 200)
    for a, b, c in ((1.2, -0.6, 0.8), (0.2, 2.0, -0.9), (1.0, 0.0, 0.0)):
        x = names["G"](z, a, b, c)
        assert x == pytest.approx(push_forward(z, a, b, c))
        assert names["density_of_G"](z, a, b, c) == pytest.approx(push_forward_density(x, a, b, c))


@pytest.mark.parametrize("c", [-0.9, -0.3, 0.0, 0.5, 0.9])
def test_p_g_is_a_density_and_its_distribution_is_that_of_the_noise(c):
    a, b = 0.8, -0.5
    for z in (-1.5, 0.2, 1.1):
        x = float(push_forward(z, a, b, c))
        low = float(push_forward(-9.0, a, b, c))
        mass = scipy.integrate.quad(
            push_forward_density, low, x, args=(a, b, c), limit=400, epsabs=1e-11
        )[0]
        assert mass == pytest.approx(scipy.stats.norm.cdf(z), abs=1e-8)


def test_the_inverse_and_the_slopes_of_the_bend_by_sympy():
    u, c = sympy.symbols("u c", real=True)
    x = u + c * sympy.sqrt(1 + u**2)
    back = (x - c * sympy.sqrt(x**2 + 1 - c**2)) / (1 - c**2)
    for values in ({u: 2, c: sympy.Rational(1, 2)}, {u: -3, c: sympy.Rational(-4, 5)}):
        assert float((back - u).subs(values)) == pytest.approx(0, abs=1e-12)
    slope = sympy.diff(x, u)
    assert sympy.limit(slope, u, -sympy.oo) == 1 - c
    assert sympy.limit(slope, u, sympy.oo) == 1 + c
    for bend in (-0.9, 0.9):  # strictly between its two limits: G is monotone for every a > 0
        steep = sympy.lambdify(u, slope.subs(c, bend))(np.linspace(-50, 50, 2001))
        assert 1 - abs(bend) < steep.min() and steep.max() < 1 + abs(bend)
        x = push_forward(np.linspace(-6, 6, 2001), 0.3, 0.4, bend)
        assert (np.diff(x) > 0).all()


def test_without_a_bend_p_g_is_normal_with_mean_b_and_standard_deviation_a():
    x = np.linspace(-4, 4, 41)
    for a, b in ((0.2, 1.0), (1.6, -2.0)):
        assert push_forward_density(x, a, b) == pytest.approx(scipy.stats.norm.pdf(x, b, a))
    assert "$p_g$ is N(b, a²)" in TEXT


def test_where_two_z_land_on_one_x_their_shares_add():
    x = np.array([0.3, 1.0, 2.5])  # x = z², |dx/dz| = 2 sqrt(x): the chi-squared law
    one = scipy.stats.norm.pdf(np.sqrt(x)) / (2 * np.sqrt(x))
    assert 2 * one == pytest.approx(scipy.stats.chi2.pdf(x, 1))


def test_without_a_bend_at_most_79_percent_are_shared_and_with_it_all():
    x, dx = np.linspace(-12, 16, 2801, retstep=True)
    p_data = push_forward_density(x, *TARGET)
    best = max(
        -scipy.optimize.minimize(
            lambda ab: -overlap(p_data, scipy.stats.norm.pdf(x, ab[1], abs(ab[0]) + 1e-9), dx),
            start,
            method="Nelder-Mead",
        ).fun
        for start in ((1.0, 0.5), (0.4, 0.2), (0.7, 0.0), (1.5, 1.0))
    )
    explorer = PushForwardExplorer()
    a, b, shared = re.search(
        r"([\d.]+) z \+ ([\d.]+), shares (\d+)%", printed("shared, a, b = max(")
    ).groups()
    assert shared == f"{100 * best:.0f}" == "79", "no line beats those of the sliders' places"
    explorer.a.value, explorer.b.value = float(a), float(b)
    assert "share 79% of area" in explorer.readout.value
    assert (explorer.a.min, explorer.a.max, explorer.a.step) == (0.2, 1.6, 0.05)
    assert (explorer.b.min, explorer.b.max, explorer.b.step) == (-2.0, 2.0, 0.05)
    assert overlap(p_data, p_data, dx) == pytest.approx(1)
    explorer = PushForwardExplorer(*TARGET)
    assert "share 100% of area" in explorer.readout.value
    assert not re.search(r"1\.2, b=-0\.6", TEXT), "the lesson would tell how to match"


def test_formula_and_count_of_samples_agree():
    for line in printed("def density_of_G").splitlines():
        _, formula, counted = numbers(line)
        assert counted == pytest.approx(formula, abs=0.011)


def test_the_three_printed_samples_are_those_of_g():
    for line in printed("becomes the sample").splitlines():
        z, x = numbers(line)
        assert x == pytest.approx(float(push_forward(z, 0.8, 0.4, -0.6)), abs=0.005)


def test_a_positive_bend_is_steeper_where_u_is_positive_and_makes_the_upper_tail_longer():
    u, c = sympy.symbols("u c", real=True)
    beyond_the_line = sympy.diff(u + c * sympy.sqrt(1 + u**2), u) - 1
    assert sympy.simplify(beyond_the_line - c * u / sympy.sqrt(1 + u**2)) == 0

    z = np.linspace(-9, 9, 20_001)
    weights = scipy.stats.norm.pdf(z) * (z[1] - z[0])

    def share_above_minus_share_below(bend, far=2.5):
        x = push_forward(z, 0.8, -0.3, bend)
        x = x - weights @ x
        beyond = x / math.sqrt(weights @ x**2)
        return weights[beyond > far].sum() - weights[beyond < -far].sum()

    assert share_above_minus_share_below(0.0) == pytest.approx(0, abs=1e-4)
    for bend in (0.3, 0.9):
        assert share_above_minus_share_below(bend) > 0.002
        assert share_above_minus_share_below(-bend) < -0.002


def test_between_two_dots_lies_the_same_share_of_the_samples_and_flat_alone_is_not_enough():
    marks = push_forward(PushForwardExplorer()._z_marks, *TARGET)
    for low, high in zip(marks, marks[1:], strict=False):
        share = scipy.integrate.quad(push_forward_density, low, high, args=TARGET)[0]
        assert share == pytest.approx(0.05, abs=1e-6)
    line = np.diff(PushForwardExplorer()._z_marks)  # the same slope, and yet not the same gaps
    assert line.max() > 2 * line.min()


def test_the_sections_headed_more_need_nothing_of_one_another():
    core, of_more, heading = "import numpy as np\n", {}, ""
    for cell in jupytext.reads(
        LESSON.text, fmt={"extension": ".md", "split_at_heading": True}
    ).cells:
        found = re.match(r"#+ .*", cell.source) if cell.cell_type == "markdown" else None
        heading = found[0] if found else heading
        if cell.cell_type == "code" and "%pip" in cell.source:
            core += cell.source.partition("import numpy")[2].partition("\n")[2]
        elif cell.cell_type == "code" and "More:" in heading:
            of_more[heading] = of_more.get(heading, "") + f"\n{cell.source}"
        elif cell.cell_type == "code":
            core += f"\n{cell.source}"
    assert len(of_more) >= 8
    for more, source in of_more.items():
        missing = names_read(source) - all_bound(source) - all_bound(core) - set(dir(builtins))
        assert not missing, more


def all_bound(source):
    tree = ast.parse(source)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    return stored.union(*map(names_bound, tree.body))


def test_the_dots_cut_the_noise_into_twenty_equal_parts():
    marks = PushForwardExplorer()._z_marks
    shares = np.diff(scipy.stats.norm.cdf([-np.inf, *marks, np.inf]))
    assert shares == pytest.approx(np.full(20, 0.05))


def test_a_sheet_has_no_volume_and_shares_exist_on_it():
    # samples on a circle in the plane: a ring around it that holds all of them, as thin as wished
    angle = np.random.default_rng(0).normal(0, 0.7, 200_000)
    on_sheet = np.c_[np.cos(angle), np.sin(angle)]
    for width in (0.1, 1e-3, 1e-6):
        inside = np.abs(np.hypot(*on_sheet.T) - 1) < width / 2
        assert inside.all(), f"an area of {2 * math.pi * width} holds the probability 1"
    real = np.random.default_rng(1).normal(0.5, 0.7, 200_000)
    place, near = 0.3, 0.02
    count = [np.sum(np.abs(a - place) < near) for a in (real, angle)]
    share = scipy.stats.norm.pdf(place, [0.5, 0.0], 0.7)
    assert count[0] / sum(count) == pytest.approx(share[0] / share.sum(), abs=0.02)


def test_claim_31_g_of_z_and_of_minus_z_have_one_density():
    lines = printed("10, 50 and 90 % of the samples lie below").splitlines()
    one, other = (numbers(line.partition("below")[2]) for line in lines[:2])
    exact = push_forward(scipy.stats.norm.ppf([0.1, 0.5, 0.9]), 0.8, 0.4, -0.6)
    assert one == other == pytest.approx(exact, abs=0.06)
    a, b = numbers(lines[2])[1:]
    assert a != b and [a, b] == pytest.approx(push_forward([1, -1], 0.8, 0.4, -0.6), abs=0.005)
    x = np.linspace(-4, 1, 21)  # the density of G(-z), by its own inverse: a becomes -a
    assert push_forward_density(x, 0.8, 0.4, -0.6) == pytest.approx(
        push_forward_density(x, -0.8, 0.4, -0.6)
    )


def test_claim_15_uniform_noise_gives_the_same_density():
    lines = [
        numbers(line.partition("below")[2]) for line in printed("from scipy.special").splitlines()
    ]
    exact = push_forward(scipy.stats.norm.ppf([0.1, 0.5, 0.9]), 0.8, 0.4, -0.6)
    assert lines[0] == pytest.approx(exact, abs=0.02)
    assert lines[1] == pytest.approx(exact, abs=0.02)
    share = np.array([0.01, 0.3, 0.99])
    assert scipy.stats.norm.cdf(scipy.special.ndtri(share)) == pytest.approx(share)


# 2. From labelled predictions to V


def test_bce_of_a_balanced_batch_is_minus_half_v():
    from sklearn.metrics import log_loss

    batch, worked, chance = map(numbers, printed("a batch of six").splitlines())
    assert batch[0] == batch[-1]
    p, y = [0.9, 0.6, 0.8, 0.3, 0.1, 0.5], [1, 1, 1, 0, 0, 0]
    assert batch[0] == pytest.approx(log_loss(y, p), abs=6e-5)
    assert worked[-1] == pytest.approx(math.log(0.8) + math.log(0.6), abs=6e-5)
    assert f"{math.log(0.8):.4f} {math.log(0.6):.4f}" == "-0.2231 -0.5108"
    assert chance[-1] == pytest.approx(-math.log(4), abs=6e-4)
    assert f"{-math.log(4):.3f}" == "-1.386" and "−log 4 = −1.386" in TEXT
    d_real, d_fake = np.array([0.9, 0.6, 0.8]), np.array([0.3])  # what the teacher adds: not ½
    lopsided = log_loss([1, 1, 1, 0], [*d_real, *d_fake])
    assert lopsided != pytest.approx(-value(d_real, d_fake) / 2, abs=1e-3)


def by_lists(d_real, d_fake):
    on_fake = sum(math.log(1 - d) for d in d_fake) / len(d_fake)
    return sum(map(math.log, d_real)) / len(d_real) + on_fake


def by_arrays(d_real, d_fake):
    return np.mean(np.log(d_real)) + np.mean(np.log(1 - d_fake))


def in_place(d_real, d_fake):
    d_fake -= 1
    d_fake *= -1
    return np.mean(np.log(d_real)) + np.mean(np.log(d_fake))


def test_an_answer_that_changes_its_arrays_gets_copies():
    taken = check_value(in_place)
    d_real, d_fake = np.array([0.9, 0.6]), np.array([0.3, 0.1])
    for _ in range(2):
        assert taken(d_real, d_fake) == pytest.approx(value([0.9, 0.6], [0.3, 0.1]))
    assert d_fake.tolist() == [0.3, 0.1] and taken(0.8, 0.4) == pytest.approx(value(0.8, 0.4))


@pytest.mark.parametrize("answer", [by_lists, by_arrays])
def test_an_answer_for_arrays_also_takes_the_single_numbers_of_later_cells(answer):
    taken = check_value(answer)
    assert (taken is answer) == (answer is by_arrays)
    assert taken(0.8, 0.4) == pytest.approx(value(0.8, 0.4)) and np.shape(taken(0.8, 0.4)) == ()
    assert taken(np.array([0.8, 0.6]), np.array([0.4])) == pytest.approx(value([0.8, 0.6], 0.4))


# 3. One state, five numbers


def test_the_ledger_at_chance_and_its_signs():
    at_chance = ledger(0.5, 0.5)
    assert [f"{n:.3f}" for n in at_chance] == ["-1.386", "1.386", "0.693", "-0.693", "0.693"]
    assert at_chance.value == pytest.approx(-math.log(4))
    rows = re.findall(r"(?m)^\| ([^|]+) \|[^|]+\|[^|]+\| ([−.\d]+) \|$", TEXT)
    assert [name.split(",")[0] + name.split(",")[-1] for name, _ in rows] == [
        "value Vvalue V", "discriminator loss a sum of two means", "mean BCEmean BCE",
        "generator loss saturating", "generator loss non-saturating",
    ]  # fmt: skip
    assert [n.replace("−", "-") for _, n in rows] == [f"{n:.3f}" for n in at_chance]


def test_the_ledger_against_pytorch():
    torch = pytest.importorskip("torch")
    bce = torch.nn.functional.binary_cross_entropy
    rng = np.random.default_rng(0)
    for _ in range(20):
        d_real, d_fake = rng.uniform(0.02, 0.98, (2, 8))
        real, fake = torch.tensor(d_real), torch.tensor(d_fake)
        ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
        ours = ledger(d_real, d_fake)
        both = bce(torch.cat([real, fake]), torch.cat([ones, zeros])).item()
        assert ours.loss_d == pytest.approx((bce(real, ones) + bce(fake, zeros)).item())
        assert ours.mean_bce == pytest.approx(both)
        assert ours.value == pytest.approx(-2 * both)
        assert ours.loss_g_saturating == pytest.approx(-bce(fake, zeros).item())
        assert ours.loss_g_non_saturating == pytest.approx(bce(fake, ones).item())


def test_d_of_x_moves_only_the_first_three_and_both_generator_losses_fall_with_d_of_g():
    before, after = ledger(0.6, 0.4), ledger(0.9, 0.4)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] * 3 + [True] * 2
    low, high = ledger(0.6, 0.2), ledger(0.6, 0.7)
    assert high.loss_g_saturating < low.loss_g_saturating < 0
    assert 0 < high.loss_g_non_saturating < low.loss_g_non_saturating


def test_three_numbers_are_v_one_is_a_term_of_it_and_one_stands_nowhere_in_it():
    d_real, d_fake = np.random.default_rng(1).uniform(0.05, 0.95, (2, 6))
    now = ledger(d_real, d_fake)
    assert (now.loss_d, now.mean_bce) == pytest.approx((-now.value, -now.value / 2))
    assert now.value - np.log(d_real).mean() == pytest.approx(now.loss_g_saturating)
    d, f = sympy.symbols("d f", positive=True)
    v, fifth = sympy.log(d) + sympy.log(1 - f), -sympy.log(f)
    ratio = sympy.simplify(sympy.diff(fifth, f) / sympy.diff(v, f))
    assert ratio.has(f), "its slope is no fixed multiple of that of V"


def test_claim_2_as_v_rises_the_loss_falls():
    before, after = (numbers(line) for line in printed('"before", 0.6').splitlines())
    assert after[0] > before[0] and after[1] < before[1] and after[2] < before[2]
    expected = [math.log(0.6 * 0.5), -math.log(0.6 * 0.5), -math.log(0.6 * 0.5) / 2]
    assert before == pytest.approx(expected, abs=6e-4)


def test_0_is_a_supremum():
    for line in printed("np.log1p(np.exp(-s))").splitlines():
        s, v = numbers(line)
        assert v < 0
        assert v == pytest.approx(2 * scipy.special.log_expit(s), rel=0.05)
    d, f = sympy.symbols("d f", positive=True)
    assert sympy.limit(sympy.log(d), d, 1) == 0 and sympy.limit(sympy.log(1 - f), f, 0) == 0


def test_claim_9_with_y_0_nothing_is_left_and_with_y_1_minus_log_d():
    for line in printed("with_0, with_1").splitlines():
        d, _, with_0, _, with_1 = numbers(line)
        assert with_0 == 0 and with_1 == pytest.approx(-math.log(d), abs=6e-4)


def test_pytorch_gives_the_same_numbers():
    torch = pytest.importorskip("torch")
    d, y = torch.tensor([0.8, 0.4]), torch.tensor([1.0, 0.0])
    bce = torch.nn.functional.binary_cross_entropy
    total, mean = bce(d, y, reduction="sum").item(), bce(d, y).item()
    assert (total, mean) == pytest.approx((-value(0.8, 0.4), -value(0.8, 0.4) / 2))
    theirs, ours, turn_of_g = map(numbers, printed("bce_of =").splitlines())
    assert theirs == ours == [round(total, 4), round(mean, 4)]
    assert turn_of_g[1] == round(-math.log(0.4), 4)
    d_real, d_fake = torch.tensor([0.9, 0.6, 0.8]), torch.tensor([0.3, 0.1, 0.5])
    labels = torch.tensor([1.0, 1, 1, 0, 0, 0])
    total = bce(torch.cat([d_real, d_fake]), labels, reduction="sum").item()
    assert total / 3 == pytest.approx(-value(d_real.numpy(), d_fake.numpy()), rel=1e-5), "n each"
    saturating = ledger(d_real.numpy(), d_fake.numpy()).loss_g_saturating
    assert saturating == pytest.approx(-bce(d_fake, torch.zeros(3)).item(), rel=1e-5)


# The predictions


@pytest.mark.parametrize("said, right", [(-2.41, True), (-0.21, False), (-1.39, False)])
def test_predict_v_of_always_9(said, right):
    control = lock_and_reveal(questions.ask_value_of_always_9(), said)
    assert control.row["truth"] == pytest.approx(math.log(0.9) + math.log(0.1))
    assert control.row["right"] is right
    assert f"{math.log(0.9):.3f} {math.log(0.1):.3f}" == "-0.105 -2.303"
    assert f"{value(0.1, 0.1):.2f}" == "-2.41", "what the teacher asks next"
    assert f"{2 * math.log(0.9):.2f}" == "-0.21"


def test_no_visible_cell_tells_an_answer_before_it_is_asked():
    for question, words in (
        ("ask_value_of_always_9", ("2.41",)),
        ("ask_first_term", ("only the second", "does not stand in the first")),
        ("ask_circling", ("spirals", "√(1 + h²)", r"\sqrt{1 + h^2}")),
        ("ask_reach_of_a_line", ("never its shape", "N(b, a²)")),
        ("ask_claim_about_two_generators", ("G(−z)", "G(-z)")),
    ):
        before = LESSON.visible.split(f"lesson_02.{question}()")[0]
        assert not any(word in before for word in words), question


def test_claims_on_trial_have_three_verdicts_that_alternate():
    asked = re.findall(r"lesson_02\.(ask_claim_\w+)", TEXT)
    truths = [getattr(questions, name).truth for name in asked]
    assert truths == [HOLDS, FALSE, ONLY_IF, FALSE]
    found = re.findall(r"claim-(\d+)", inspect.getsource(questions))
    assert sorted(map(int, found)) == [2, 9, 15, 31]
    assert TEXT.count("**Repaired:**") == 3, "what holds needs no repair"


# The stored notebook


def test_the_stored_notebook_reads_without_a_kernel():
    assert LESSON.stored.stat().st_size < 500_000
    assert "widgets" not in LESSON.notebook()["metadata"]
    words = [alt(picture) for picture in LESSON.pictures()]
    assert len(words) == 5 and all(len(told) > 60 for told in words)

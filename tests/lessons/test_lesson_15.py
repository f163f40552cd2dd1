"""Lesson 15's mathematics and what it says: W1, the critic, five games, one point."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText, lock_and_reveal
from scipy import stats
from scipy.optimize import linprog, minimize_scalar

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_15 import check_chance, questions
from gan_lesson.lessons.lesson_15.dirac import GAMES, Dirac, play
from gan_lesson.lessons.lesson_15.recorded import PLAYED, load_curves
from gan_lesson.lessons.lesson_15.transport import (
    best_critic,
    lead_of,
    w1_of_densities,
    wasserstein_1,
)
from gan_lesson.lessons.lesson_15.which_game import LATE, levels_of
from gan_lesson.lessons.mathematics.divergence import mixture_density, normal_density
from gan_lesson.losses import LOSSES

LESSON = LessonText("15_other_games")
X, DX = np.linspace(-30, 34, 3201), 0.02
NAMES = {"logistic": "non_saturating", "least squares": "least_squares", "hinge": "hinge",
         "Wasserstein": "wasserstein", "relativistic": "relativistic"}  # fmt: skip


# --- what the lesson writes out is the package's -------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_lessons_two_lines_of_each_game_are_the_packages(name):
    games = LESSON.define("games")["games"]
    draw = torch.Generator().manual_seed(1)
    real, fake = torch.randn(2, 9, 1, generator=draw, dtype=torch.float64)
    for ours, theirs in zip(games[name], LOSSES[NAMES[name]][:2], strict=True):
        torch.testing.assert_close(ours(real, fake), theirs(real, fake))


# --- section 1: W1 -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_w1_of_two_sets_of_samples_is_scipys(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=40), rng.standard_t(3, size=40) * 2 + 1
    assert wasserstein_1(x, y) == pytest.approx(stats.wasserstein_distance(x, y), rel=1e-12)


def test_w1_of_densities_is_known_for_normal_laws():
    p = normal_density(X)
    for m in (0.3, 1, 2, 4, 8):
        assert w1_of_densities(p, normal_density(X, m), DX) == pytest.approx(m, abs=1e-6)
    wider = w1_of_densities(p, normal_density(X, 0, 2), DX)
    assert wider == pytest.approx(np.sqrt(2 / np.pi), abs=1e-4)


def test_the_floor_is_the_mean_over_many_batches():
    rng = np.random.default_rng(3)
    found = [wasserstein_1(*rng.normal(size=(2, 64))) for _ in range(4000)]
    assert np.mean(found) == pytest.approx(0.216, abs=0.005)
    asked = questions.ask_floor
    assert abs(np.mean(found) - asked.truth) < 0.01  # "about 0.21"; the lesson's 200 pairs: 0.207


def test_what_makes_no_sense_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="x and y have shapes"):
        wasserstein_1([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="NaN"):
        wasserstein_1([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="x has shape"):
        wasserstein_1([], [])
    with pytest.raises(ValueError, match="dx is 0"):
        w1_of_densities([1.0, 1.0], [1.0, 2.0], 0)


# --- section 2: the critic -----------------------------------------------------------------------


def two_laws():
    p = mixture_density(X, [-2.0, 2.0], [0.6, 0.6], [0.5, 0.5])
    return [(p, normal_density(X, m, sd)) for m, sd in ((0.0, 0.5), (1.0, 1.0), (5.0, 0.3))]


@pytest.mark.parametrize("case", range(3))
def test_the_best_critic_reaches_w1_with_slope_at_most_1(case):
    p, q = two_laws()[case]
    f = best_critic(p, q, DX)
    assert np.abs(np.diff(f)).max() <= DX + 1e-12
    assert lead_of(f, p, q) == pytest.approx(w1_of_densities(p, q, DX), abs=1e-6)
    values, weights = X[::4], [density[::4] / density[::4].sum() for density in (p, q)]
    theirs = stats.wasserstein_distance(values, values, *weights)
    assert lead_of(f, p, q) == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("m", [0.1, 1, 2, 3, 8, -4])
def test_the_critic_of_two_bumps_of_one_width_is_a_straight_line_into_both_tails(m):
    """The share that lies to the left is larger for the left bump everywhere, by any amount."""
    f = best_critic(normal_density(X), normal_density(X, m), DX)
    assert np.diff(f) / DX == pytest.approx(np.full(X.size - 1, -np.sign(m)))
    assert not best_critic(normal_density(X), normal_density(X), DX).any()


@pytest.mark.parametrize("mean, sd", [(0.5, 0.4), (2.0, 0.5), (1.0, 1.8)])
def test_in_both_tails_the_critics_slope_is_the_sign_of_exact_shares(mean, sd):
    """The wider bump has more samples in both tails, however few."""
    slope = np.diff(best_critic(normal_density(X), normal_density(X, mean, sd), DX)) / DX
    middle = (X[1:] + X[:-1]) / 2
    with np.errstate(invalid="ignore"):  # logs of shares, so that none is rounded to 0 or 1
        left = stats.norm.logcdf(middle, mean, sd) - stats.norm.logcdf(middle)
        right = stats.norm.logsf(middle) - stats.norm.logsf(middle, mean, sd)
    wanted = np.where(middle < 0, np.sign(left), np.sign(right))
    crossing = np.flatnonzero(np.diff(wanted))
    assert len(crossing) == 1
    seen = (np.abs(middle) < 12) & (np.abs(middle - middle[crossing[0]]) > 2 * DX)
    assert slope[seen] == pytest.approx(wanted[seen])


def test_sorting_gives_the_integral_of_the_shares_and_parts_give_the_lead():
    """The three steps of "More: why this critic is the best"."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=30), rng.normal(1, 2, size=30)
    at = np.sort(np.concatenate([x, y]))
    n_past = (y[:, None] <= at[:-1]).sum(0) - (x[:, None] <= at[:-1]).sum(0)
    ways = np.sort(np.stack([np.sort(x), np.sort(y)]), axis=0)[:, :, None]
    assert np.array_equal(abs(n_past), ((ways[0] <= at[:-1]) & (ways[1] > at[:-1])).sum(0))
    assert (abs(n_past) / 30 * np.diff(at)).sum() == pytest.approx(wasserstein_1(x, y))
    for p, q in two_laws():
        f = np.sin(X) * X / 3
        ahead = np.cumsum(q - p) * DX
        by_parts = (np.diff(f) * ahead[:-1]).sum()
        assert lead_of(f, p, q) == pytest.approx(by_parts, abs=1e-3)


def test_between_two_bumps_the_critic_is_a_valley_and_beyond_5_lie_hardly_any_samples():
    p = mixture_density(X, [-2.0, 2.0], [0.6, 0.6], [0.5, 0.5])
    q = normal_density(X, 0.0, 1.0)
    slope = np.gradient(best_critic(p, q, DX), DX)
    at = {x: slope[np.abs(X - x).argmin()] for x in (-3.0, -1.0, 1.0, 3.0)}
    assert at == pytest.approx({-3.0: -1, -1.0: -1, 1.0: 1, 3.0: 1})
    outside = np.abs(X) > 5
    assert max(p[outside].sum(), q[outside].sum()) * DX < 1e-6


def test_the_best_critic_is_what_a_linear_program_finds():
    x = np.linspace(-4, 6, 101)
    p, q = (each / each.sum() for each in (normal_density(x, 0, 1), normal_density(x, 1.5, 0.5)))
    rows = np.diff(np.eye(101), axis=0)
    found = linprog(q - p, np.vstack([rows, -rows]), np.full(200, 0.1), bounds=(-20, 20))
    assert -found.fun == pytest.approx(lead_of(best_critic(p, q, 0.1), p, q), abs=1e-3)
    assert -found.fun == pytest.approx(w1_of_densities(p, q, 0.1), abs=1e-3)


def test_no_path_through_a_clipped_network_is_steeper_than_the_lesson_says():
    def steepest(c):
        layers = [torch.full((32, 1), c), torch.full((32, 32), c), torch.full((1, 32), c)]
        return float(layers[2] @ layers[1] @ layers[0])

    assert steepest(0.1) == pytest.approx(1.024, rel=1e-5)
    assert steepest(0.3) == pytest.approx(27.648, rel=1e-5)


def test_weights_of_the_right_sign_lead_by_about_4_with_a_limit_of_a_tenth():
    f = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.LeakyReLU(0.2),
                            torch.nn.Linear(32, 32), torch.nn.LeakyReLU(0.2),
                            torch.nn.Linear(32, 1))  # fmt: skip
    with torch.no_grad():
        for weight in f.parameters():
            weight.fill_(0.1)
        f[-1].weight.neg_()
        scores = f(torch.tensor(X, dtype=torch.float32)[:, None])[:, 0].double().numpy()
    assert lead_of(scores, normal_density(X), normal_density(X, 4)) == pytest.approx(4, abs=0.2)


def test_the_penaltys_best_slope_is_12_and_a_wrong_sign_is_a_trap():
    def pays(s):
        return -4 * s + 10 * (abs(s) - 1) ** 2

    assert minimize_scalar(pays, bounds=(0, 3), method="bounded").x == pytest.approx(1.2, abs=1e-4)
    trapped = minimize_scalar(pays, bounds=(-3, -0.1), method="bounded").x
    assert trapped == pytest.approx(-0.8, abs=1e-3)
    assert pays(0.0) > pays(trapped) > pays(1.2)


# --- section 3: best answers ---------------------------------------------------------------------


@pytest.mark.parametrize("p, q", [(0.6, 0.2), (0.1, 0.5), (0.3, 0.29)])
def test_the_best_score_of_each_game_is_found_by_optimisation(p, q):
    wanted = {
        "non_saturating": np.log(p / q),
        "least_squares": p / (p + q),
        "hinge": np.sign(p - q),
    }
    for game, best in wanted.items():
        of_d = LOSSES[game].of_d
        far = {"non_saturating": 60.0, "least_squares": None, "hinge": 60.0}[game]

        def pays(f, of_d=of_d, far=far):
            f = torch.tensor([[float(f)]], dtype=torch.float64)
            if far is None:
                return float(p * (f - 1) ** 2 + q * f**2)
            certain = torch.full((1, 1), far, dtype=torch.float64)  # the other half pays nothing
            return float(p * of_d(f, -certain) + q * of_d(certain, f))

        found = minimize_scalar(pays, bounds=(-4, 4), method="bounded", options={"xatol": 1e-7})
        assert found.x == pytest.approx(best, abs=1e-3)


def test_hinges_least_loss_is_the_overlap():
    p, q = normal_density(X), normal_density(X, 2)
    f = np.sign(p - q)
    pays = np.sum(p * np.maximum(0, 1 - f) + q * np.maximum(0, 1 + f)) * DX
    overlap = 2 * stats.norm.cdf(-1)
    assert pays == pytest.approx(2 * overlap, abs=1e-3)


@pytest.mark.parametrize("c", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_one_score_for_all_costs_2_in_the_hinge_game_wherever_it_lies(c):
    scores = torch.full((5, 1), c)
    of_d, of_g = LOSSES["hinge"][:2]
    assert float(of_d(scores, scores)) == pytest.approx(2)
    assert float(of_g(scores, scores)) == pytest.approx(-c)
    assert levels_of("hinge") == {"loss_d": 2.0}


# --- which game ----------------------------------------------------------------------------------


def test_the_recorded_runs_settle_where_the_lesson_says():
    numbers = dict(zip(PLAYED, load_curves().numbers, strict=True))
    for game in ("non_saturating", "least_squares", "hinge", "relativistic"):
        near = numbers[game][LATE, 2].mean()
        assert near == pytest.approx(levels_of(game)["loss_d"], abs=0.06)
    assert numbers["relativistic"][LATE, :2].mean(0) == pytest.approx([-1, -1], abs=0.1)
    critic = numbers["wasserstein"]
    assert np.allclose(critic[:, 2], critic[:, 1] - critic[:, 0], atol=1e-4)
    assert "negative about three quarters of the time" in LESSON.text
    assert (critic[:, 2] < 0).mean() == pytest.approx(0.75, abs=0.05)
    for game in ("wasserstein", "hinge"):
        assert np.corrcoef(numbers[game][:, 3], numbers[game][:, 1])[0, 1] < -0.95


# --- section 5: one point ------------------------------------------------------------------------


@pytest.mark.parametrize("game", GAMES)
def test_the_pulls_on_a_point_are_slopes_of_the_trainers_losses(game):
    of_d, of_g = LOSSES[game][:2]
    for theta, psi in ((1.0, 1.0), (0.7, -1.3), (-1.1, 0.4)):
        t, s = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (theta, psi))
        rest = 0.5 if game == "least_squares" else 0.0
        real, fake = (rest + s * torch.zeros(1, 1)).double(), (rest + s * t).reshape(1, 1)
        (for_d,) = torch.autograd.grad(of_d(real, fake), s, retain_graph=True)
        (for_g,) = torch.autograd.grad(of_g(real, fake), t)
        ours = Dirac(game)
        assert float(ours.pull_on_d(theta, psi)) == pytest.approx(-float(for_d))
        assert float(ours.pull_on_g(theta, psi)) == pytest.approx(-float(for_g))


def test_the_wasserstein_game_runs_away_by_a_known_factor():
    r = np.hypot(*play(Dirac("wasserstein"), (1.0, 1.0), 0.2, 500).T)
    assert r[1:] / r[:-1] == pytest.approx(np.full(500, np.sqrt(1 + 0.2**2)))
    assert r[-1] == pytest.approx(25_636, rel=1e-3)


@pytest.mark.parametrize("order", ["simultaneous", "alternating"])
def test_only_r1_brings_the_wasserstein_game_to_rest(order):
    ends = {
        penalty: np.abs(play(Dirac("wasserstein", penalty), (1.0, 1.0), 0.2, 5000, order)[-500:, 0])
        for penalty in ("none", "clip", "gp", "r1")
    }
    assert ends["r1"].max() < 1e-6
    for penalty in ("none", "clip", "gp"):
        assert ends[penalty].max() > 0.9
    if order == "alternating":
        r = np.hypot(*play(Dirac("wasserstein"), (1.0, 1.0), 0.2, 5000, order).T)
        assert 1.2 < r.min() < r.max() < 1.5


def test_what_each_game_does_in_turn_with_nothing_added():
    """The lesson's list: h = 0.2, from (1, 1), 400 steps, D first."""
    paths = {game: play(Dirac(game), (1.0, 1.0), 0.2, 400, "alternating") for game in GAMES}
    r = {game: np.hypot(*path.T) for game, path in paths.items()}
    assert 1.25 < r["wasserstein"].min() < r["wasserstein"].max() < 1.45
    assert np.array_equal(paths["hinge"], paths["wasserstein"])  # and never at hinge's bend
    assert -0.9 < paths["hinge"].prod(axis=1).min()
    assert np.array_equal(paths["relativistic"], paths["non_saturating"])
    for game, low, high in (("relativistic", 0.3, 0.4), ("least_squares", 0.1, 0.14)):
        assert low < r[game][-20:].min() and r[game][-20:].max() < high
        far = play(Dirac(game), (1.0, 1.0), 0.2, 5000, "alternating")[-1]
        assert np.hypot(*far) < r[game][-20:].min() / 2  # slowly, and on


@pytest.mark.parametrize("h", [0.05, 0.2, 0.4])
def test_a_sum_never_changes_while_the_wasserstein_game_moves_in_turn(h):
    theta, psi = play(Dirac("wasserstein"), (1.0, 1.0), h, 400, "alternating").T
    kept = theta**2 + psi**2 - h * theta * psi
    assert kept == pytest.approx(np.full(401, 2 - h))
    next_psi = psi - h * theta  # the steps of the lesson's line: D first, G uses the new one
    assert next_psi[:-1] == pytest.approx(psi[1:])
    assert (theta + h * next_psi)[:-1] == pytest.approx(theta[1:])


def test_with_the_gradient_penalty_the_logistic_game_stops_at_a_wrong_place():
    theta, psi = play(Dirac("non_saturating", "gp"), (1.0, 1.0), 0.2, 3000, "alternating")[-1]
    assert theta == pytest.approx(2, abs=1e-3) and psi == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("wrong", [
    (Dirac("wgan"), (1, 1), 0.2, 5), (Dirac("hinge", "r2"), (1, 1), 0.2, 5),
    (Dirac(), (1, 1), 0.0, 5), (Dirac(), (1, 1), 0.2, -1),
    (Dirac("hinge", "r1", -1.0), (1, 1), 0.2, 1),
])  # fmt: skip
def test_an_orbit_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        play(*wrong)


# --- the exercise of chance levels ---------------------------------------------------------------


LOG2 = np.log(2)
LEVELS = {"logistic": (2 * LOG2, LOG2), "least squares": (0.5, 0.25), "hinge": (2, 0)}


def test_two_decimals_are_enough_and_a_missing_pair_is_named(capsys):
    rounded = {name: tuple(np.round(pair, 2)) for name, pair in LEVELS.items()}
    full = rounded | {"relativistic": (0.69, 0.69)}
    assert check_chance(full) == full
    for open_pair in (..., (0.69, ...)):
        ours = check_chance(rounded | {"relativistic": open_pair})
        assert ours["relativistic"] == pytest.approx((LOG2, LOG2))
        assert "Right so far; still missing: relativistic." in capsys.readouterr().out
    with pytest.raises(WrongAnswer, match="Both halves of the hinge loss are 1"):
        check_chance(rounded | {"hinge": (1, 0), "relativistic": ...})
    with pytest.raises(WrongAnswer, match="Still missing: relativistic"):
        check_chance(rounded)
    with pytest.raises(WrongAnswer, match="Not right: hinge, relativistic"):
        check_chance(full | {"hinge": (3, 1), "relativistic": (0.7, 0.6)})


# --- questions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in dir(questions) if n.startswith("ask_")])
def test_every_question_is_asked_in_the_text_and_reveals_its_truth(name):
    asked = getattr(questions, name)
    assert f"lesson_15.{name}()" in LESSON.text
    question = lock_and_reveal(asked(), asked.truth)
    assert question.row["right"] and question.row["truth"] == asked.truth

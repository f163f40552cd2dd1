"""Lesson 07's six scores, its samplers and cheats, and its table beside published runs."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from lesson_text import LessonText
from scipy import stats

from gan_lesson.data import Mixture, grid, ring
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_07 import exercises as lesson_07
from gan_lesson.lessons.lesson_07 import samplers
from gan_lesson.lessons.lesson_07.scores import Scoreboard
from gan_lesson.metrics import mode_scores, reference_scores

LESSON = LessonText("07_a_playground_in_two_dimensions")
WIDE = ring(sd=0.05)
TABLE = Path(__file__).parents[2] / "figures" / "07_table.csv"


def test_the_score_written_in_the_lesson_is_the_packages():
    lesson_score = LESSON.define("score")["score"]
    draw = np.random.default_rng(3)
    for data in (ring(), grid(), WIDE):
        centres = data.centres.numpy().astype(float)
        for sampler in (samplers.perfect_sampler, samplers.uniform_noise, samplers.one_mode):
            x = sampler(centres, data.sd, 2500, draw)
            written = list(lesson_score(x, centres, data.sd).values())
            assert written == pytest.approx(list(mode_scores(x, centres, data.sd)), abs=1e-9)


def test_what_a_perfect_sampler_scores():
    assert 1 - math.exp(-9 / 2) == pytest.approx(0.989, abs=5e-4)
    inside = stats.chi2(2).expect(lambda t: t / 2, lb=0, ub=9, conditional=True)
    assert inside == pytest.approx(0.949, abs=5e-4)
    row = reference_scores(grid().centres, 0.05)["perfect sampler"]
    assert row.high_quality == pytest.approx(0.989, abs=1e-3)
    assert row.covariance_ratio == pytest.approx(0.949, abs=0.01)
    assert row.reverse_kl == pytest.approx(0.005, abs=1e-3)
    cut = 4.5  # t = r² / (2 sd²) is exponential, and high quality means t <= 9/2
    assert 1 - cut * math.exp(-cut) / (1 - math.exp(-cut)) == pytest.approx(inside, abs=1e-9)
    second = stats.expon.expect(lambda t: t * t, lb=0, ub=cut, conditional=True)
    n = 2500
    assert math.sqrt((second - inside**2) / (0.989 * n)) == pytest.approx(0.018, abs=5e-4)
    assert math.sqrt(0.989 * 0.011 / n) == pytest.approx(0.002, abs=1e-4)


def test_the_last_rows_of_the_table_of_repairs():
    rows = reference_scores(WIDE.centres, WIDE.sd)
    perfect, noise = rows["perfect sampler"], rows["uniform noise"]
    assert (perfect.modes, perfect.fair_modes, noise.modes, noise.fair_modes) == (8, 8, 8, 0)
    assert perfect.reverse_kl == pytest.approx(0.001, abs=5e-4)
    assert noise.high_quality == pytest.approx(0.091, abs=5e-4)
    assert noise.reverse_kl == pytest.approx(0.014, abs=5e-4)
    assert noise.covariance_ratio == pytest.approx(2.25, abs=5e-3)


def test_a_list_of_real_points_passes_all_six_scores():
    points = grid().sample(2500, torch.Generator().manual_seed(5)).numpy().astype(float)
    j = samplers.judge(lambda centres, sd, n, draw: points, grid())
    assert j.scores.fair_modes == 25 and j.jsd < 0.01 and j.scores.reverse_kl < 0.01
    assert j.scores.high_quality > 0.98 and 0.9 < j.scores.covariance_ratio < 1


def test_noise_captures_20_7_modes_of_the_grid_on_average():
    assert samplers.expected_modes_of_noise() == pytest.approx(20.7, abs=0.05)
    assert samplers.expected_modes_of_noise(10_000) == pytest.approx(24.98, abs=0.005)
    draws = [samplers.judge(samplers.uniform_noise, grid(), seed) for seed in range(40)]
    assert np.mean([j.scores.modes for j in draws]) == pytest.approx(20.7, abs=0.6)
    assert np.mean([j.scores.high_quality for j in draws]) == pytest.approx(0.018, abs=0.002)
    assert max(j.scores.fair_modes for j in draws) == 0


def test_the_circle_captures_all_modes_of_the_ring():
    draws = [samplers.judge(samplers.circle, ring(), seed).scores for seed in range(20)]
    assert {s.modes for s in draws} == {8}
    arc = 4 * math.asin(0.03 / 2)  # of the circle within 3 sd = .03 of a centre on it
    assert 2500 * arc / (2 * math.pi) == pytest.approx(24, abs=0.5)
    assert 8 * (1 - arc / (2 * math.pi)) ** 2500 < 1e-9  # that a mode is missed
    assert np.mean([s.high_quality for s in draws]) == pytest.approx(0.076, abs=0.002)
    assert np.mean([s.reverse_kl for s in draws]) == pytest.approx(0.019, abs=0.004)


def test_points_on_the_centres_are_better_than_perfect():
    for data in (ring(), grid()):
        assert samplers.judge(samplers.points_on_centres, data).scores.high_quality == 1.0
        perfect = samplers.judge(samplers.perfect_sampler, data).scores
        assert perfect.high_quality == pytest.approx(0.989, abs=0.008)


def exact_shares(data, weights, edges):
    """Cell shares of a mixture by scipy's normal distribution."""
    total = 0
    for centre, weight in zip(data.centres.numpy().astype(float), weights, strict=True):
        x, y = (np.diff(stats.norm.cdf(edges, c, data.sd)) for c in centre)
        total = total + weight * np.outer(x, y)
    return total.ravel()


@pytest.mark.parametrize("data", [WIDE, grid(), ring()])
def test_the_jsd_of_the_scores_is_within_a_hundredth_of_its_quadrature(data):
    k = len(data.centres)
    half = 1.25 * float(data.centres.abs().max())
    edges = np.linspace(-half, half, 51)
    p = exact_shares(data, np.full(k, 1 / k), edges)
    board = Scoreboard(data)
    for weights in (np.full(k, 1 / k), np.arange(1, k + 1) / (k * (k + 1) / 2), np.eye(k)[0]):
        q = exact_shares(data, weights, edges)
        m = (p + q) / 2
        jsd = (np.sum(stats.entropy(p, m)) + np.sum(stats.entropy(q, m))) / 2
        mixture = Mixture(data.centres, data.sd, torch.tensor(weights, dtype=torch.float32))
        read = board.score(mixture.sample(2500, torch.Generator().manual_seed(1)))["jsd"]
        floor = board.rows["perfect sampler"]["jsd"]  # counting alone: printed beside it
        assert read == pytest.approx(jsd, abs=max(0.01, 1.5 * floor))


def test_what_the_lesson_reads_in_the_rows_of_the_circle_and_of_noise():
    on_ring, on_grid = (
        samplers.judge(sampler, data).scores
        for sampler, data in ((samplers.circle, ring()), (samplers.uniform_noise, grid()))
    )
    assert (on_ring.modes, round(100 * on_ring.high_quality)) == (8, 7)
    assert (on_grid.modes, round(100 * on_grid.high_quality, 1)) == (20, 1.5)


def test_equal_numbers_on_each_centre_cheat_the_reverse_kl_and_a_fifth_the_fair_shares():
    def a_fifth(centres, sd, n, draw):
        x = np.full((n, 2), 9.0)
        x[: n // 5] = np.resize(centres, (n // 5, 2))
        return x

    def a_little_more(centres, sd, n, draw):
        x = a_fifth(centres, sd, n, draw)
        x[: 63 * len(centres)] = np.resize(centres, (63 * len(centres), 2))
        return x

    for data in (ring(), grid()):
        one_each = samplers.judge(lesson_07.CHEAT_MODES.reference, data).scores
        assert one_each.reverse_kl == 0 and one_each.high_quality < 0.02
        assert math.isnan(one_each.covariance_ratio)  # no mode has two good samples
    scores = samplers.judge(a_fifth, grid()).scores
    assert scores.fair_modes == 25 and scores.high_quality == pytest.approx(0.2)
    assert 63 == math.ceil(2500 / (5 * 8))  # a fair share of the ring
    assert samplers.judge(a_fifth, ring()).scores.fair_modes == 4
    scores = samplers.judge(a_little_more, ring()).scores
    assert scores.fair_modes == 8 and scores.high_quality < 0.21


def test_a_sampler_that_writes_into_the_centres_is_judged_by_the_true_ones():
    def in_place(centres, sd, n, draw):
        centres += 0.3
        return np.resize(centres, (n, 2))

    assert samplers.judge(in_place, ring()).scores.high_quality == 0
    assert float(ring().centres.abs().max()) <= 1


CHEATS = [each for each in vars(lesson_07).values() if isinstance(each, lesson_07.Cheat)]


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.name)
def test_each_honest_or_clumsy_sampler_is_told_why_it_is_no_cheat(cheat):
    told = set()
    for sampler in (samplers.perfect_sampler, samplers.uniform_noise):
        with pytest.raises(WrongAnswer) as caught:
            cheat.check(sampler)
        told.add(str(caught.value).split(" Hint:")[0])
    assert len(told) == 2  # being honest and being far off are different mistakes
    with pytest.raises(WrongAnswer, match="shape"):
        cheat.check(lambda centres, sd, n, draw: np.zeros((3, 2)))


def test_whoever_cheats_one_score_is_caught_by_another():
    for cheat in CHEATS:
        for data in (ring(), grid()):
            j = samplers.judge(cheat.reference, data)
            s = j.scores
            good = s.fair_modes == j.k and s.high_quality > 0.95 and j.jsd < 0.03
            assert not (good and 0.6 <= s.covariance_ratio <= 1.4 and s.reverse_kl < 0.02)


# --- beside published runs ----------------------------------------------------------------------


def in_words(row: dict | None) -> str:
    """One data set's cell of the lesson's table: modes, share of high quality, reverse KL."""
    modes, quality, kl = (float(row[k] or "nan") for k in ("modes", "high_quality", "reverse_kl"))
    kl = "–" if math.isnan(kl) else f"{kl:.4f}" if kl < 0.01 else f"{kl:.3f}".rstrip("0")
    return f"{modes:.4g} / {100 * quality:.1f} / {kl}"


def test_the_table_beside_published_runs_is_the_measured_one():
    with open(TABLE, newline="", encoding="utf-8") as file:
        rows = {(row["data"], row["who"]): row for row in csv.DictReader(file)}
    assert len(rows) == 20
    lines = []
    for who in dict.fromkeys(who for _, who in rows):
        steps = rows["grid", who]["steps"]
        cells = (in_words(rows["ring", who]), in_words(rows["grid", who]))
        lines.append(f"| {who} | {' | '.join(cells)} | {f'{int(steps):,}' if steps else '–'} |")
    table = "\n".join(lines)
    assert table in LESSON.text, table
    # what the text says beside it
    ours = {data: rows[data, "ours, mean of 10 seeds"] for data in ("ring", "grid")}
    worst = {data: rows[data, "ours, worst of 10 seeds"] for data in ("ring", "grid")}
    assert [float(worst[data]["fair_modes"]) for data in worst] == [8, 25]
    assert [f"{float(row['covariance_ratio']):.2f}" for row in ours.values()] == ["0.85", "0.82"]
    perfect = [float(rows[data, "perfect sampler"]["covariance_ratio"]) for data in ours]
    assert [f"{ratio:.2f}" for ratio in perfect] == ["0.95", "0.95"]
    published = [who for _, who in rows if not who.startswith(("ours", "perfect"))]
    best = max(published, key=lambda who: float(rows["ring", who]["high_quality"]))
    assert float(rows["ring", best]["modes"]) == 1
    modes = {who: float(rows["grid", who]["modes"]) for who in published}
    assert modes["uniform noise"] > modes["GAN (PacGAN's run)"] > modes["GAN (VEEGAN's run)"]
    seconds = [f"{float(row['seconds']):.0f}" for row in ours.values()]
    assert "took {} seconds on the ring and {} on the grid".format(*seconds) in LESSON.text
    gap = np.linalg.norm(np.diff(ring().centres[:2].numpy(), axis=0))
    assert 0.01 / gap == pytest.approx(0.013, abs=0.001)


def test_the_exact_means_of_noise_on_the_ring():
    n, k, share = 2500, 8, math.pi * 0.03**2 / 2.5**2  # of the square within 3 sd of a centre
    modes = k * (1 - (1 - share) ** n)
    good = np.arange(1, 101)  # samples in all; none at all is left out, as rare as 1 in 8,000
    weight = stats.binom.pmf(good, n, k * share)
    assert 1 - weight.sum() < 2e-4
    count = np.arange(1, 101)[:, None]
    part = stats.binom.pmf(count, good, 1 / k) * count / good * np.log(k * count / good)
    kl = np.sum(weight * k * part.sum(axis=0)) / weight.sum()
    assert f"{modes:.2f} / {100 * k * share:.2f} / {kl:.3f}" == "5.42 / 0.36 / 0.513"
    assert "5.42 / 0.36 / 0.513" in LESSON.text

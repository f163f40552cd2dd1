"""Lesson 06, sentence by sentence: what it says of networks, steps, curves and images is so."""

import math
import os
import re

import numpy as np
import pytest
import torch
from assets import digits
from assets.files import Assets
from assets.samples import first_rows_of_each_digit
from lesson_text import LessonText, lock_and_reveal
from scipy import stats
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import latent_space, pretrained
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_space import direction, fixed_z, on_line, on_sphere, share_shorter
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.verdict import FALSE
from gan_lesson.lessons.lesson_06 import descriptions, latent, questions
from gan_lesson.lessons.lesson_06 import exercises as lesson_06
from gan_lesson.lessons.lesson_06.figures import (
    curves_and_sheets_figure,
    distances_figure,
    ladder_figure,
    lengths_figure,
    pairs_figure,
)
from gan_lesson.lessons.lesson_06.latent import (
    LatentCoordinate,
    LatentSlice,
    LatentWalk,
    one_z_of_each_digit,
)
from gan_lesson.lessons.lesson_06.recorded import RUNS_FILE, load_digits_runs
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer, digits_player, timeline_of
from gan_lesson.metrics import (
    REAL_AGAINST_REAL,
    class_shares,
    digit_distance,
    features,
    frechet,
    frechet_distance,
    frechet_distance_from_statistics,
    load_classifier,
    memorisation_check,
    mnist_statistics,
    nearest_training_images,
    precision_recall,
)
from gan_lesson.networks import fully_connected_pair
from gan_lesson.pretrained import (
    GENERATOR_FILE,
    TIMELINE_FILE,
    load_digits_generator,
    load_digits_timeline,
)
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer
from gan_lesson.turns import update_discriminator, update_generator

LESSON = LessonText("06_digits")
cell_with = LESSON.cell_with
IMAGES = load_digits().train.images
SEEDS = range(5 if os.environ.get("GAN_LESSON_EVERY_CONTROL") else 2)  # of the runs of section 2
NEW = load_digits().test.images


# --- section 1: two players ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    """What the cells of section 1 define: G, D and the two steps."""
    return LESSON.run(*map(cell_with, ("G = Generator(", "def step_of_D", "def step_of_G")))


def test_the_lessons_networks_are_the_packages(lesson):
    G, D = fully_connected_pair()
    for ours, package in ((lesson["G"], G), (lesson["D"], D)):
        assert [str(m) for m in ours.net] == [str(m) for m in package.net]
    assert sum(p.numel() for p in G.parameters()) == 284_944
    assert sum(p.numel() for p in D.parameters()) == 233_985


def test_an_untrained_discriminator_says_about_one_half():
    for seed in range(3):
        G, D = fully_connected_pair(seed=seed)
        for x in (IMAGES[:100], G(G.sample_z(100))):
            assert D(x).mean().item() == pytest.approx(0.5, abs=0.05)


def test_tanh_reaches_the_ends_of_the_scale_by_rounding_only(lesson):
    with torch.no_grad():
        x = lesson["G"](lesson["G"].sample_z(50))
        G = load_digits_generator()
        trained = G(fixed_z(G, 50))
    assert x.abs().max() < 1 and IMAGES.abs().max() == 1
    assert (trained == -1).float().mean() > 0.2
    s = torch.tensor(10.0)
    assert torch.tanh(s) == 1 and torch.tanh(s.double()) < 1


def test_ten_thousand_digits_to_train_on_and_two_thousand_to_test_ship():
    assert len(IMAGES) == 10_000 and len(NEW) == 2000


@pytest.mark.parametrize("seed", range(3))
def test_the_steps_written_in_the_lesson_are_those_of_the_package(lesson, seed):
    G, D = fully_connected_pair(seed=seed)
    twin_G, twin_D = fully_connected_pair(seed=seed)
    draw = torch.Generator().manual_seed(seed)
    x, z = IMAGES[torch.randperm(10_000, generator=draw)[:64]], G.sample_z(64, draw)
    lesson["G"], lesson["D"] = G, D
    rate = {"lr": 0.1}
    loss_d = lesson["step_of_D"](x, z, torch.optim.SGD(D.parameters(), **rate))
    assert all(p.grad is None for p in G.parameters())  # detach left no gradients in G
    their_optimizer = torch.optim.SGD(twin_D.parameters(), **rate)
    _, _, theirs = update_discriminator(twin_D, twin_G, their_optimizer, x, z)
    assert torch.allclose(loss_d, theirs, atol=1e-6)
    loss_g = lesson["step_of_G"](z, torch.optim.SGD(G.parameters(), **rate))
    theirs = update_generator(twin_D, twin_G, torch.optim.SGD(twin_G.parameters(), **rate), z)
    assert torch.allclose(loss_g, theirs, atol=1e-6)
    for ours, package in ((D, twin_D), (G, twin_G)):
        for a, b in zip(ours.parameters(), package.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-6)


def test_without_detach_d_makes_the_same_step_and_g_is_left_with_gradients():
    moved = []
    for cut in (True, False):
        G, D = fully_connected_pair(seed=1)
        z = G.sample_z(64, torch.Generator().manual_seed(2))
        x_fake = G(z).detach() if cut else G(z)
        real, fake = D.logits(IMAGES[:64]), D.logits(x_fake)
        (bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))).backward()
        torch.optim.SGD(D.parameters(), lr=0.1).step()
        moved.append([p.detach().clone() for p in D.parameters()])
        assert all((p.grad is None) == cut for p in G.parameters())
    assert all(torch.equal(a, b) for a, b in zip(*moved, strict=True))


# --- section 2: training -------------------------------------------------------------------------


def lesson_trainer(seed=0):
    """The trainer of the lesson, from its own cell, with other seeds."""
    source = cell_with("trainer = Trainer(")
    source = source[: source.index("lesson_06.digits_player(trainer")].replace(
        "seed=0", f"seed={seed}"
    )
    G, D = fully_connected_pair(seed=seed)
    return LESSON.run(source, G=G, D=D, x_train=IMAGES)["trainer"]


@pytest.fixture(scope="module")
def runs():
    """The lesson's run on each seed, with the distances after 200, 600 and 1,500 steps."""
    found = []
    for seed in SEEDS:
        trainer = lesson_trainer(seed)
        z = fixed_z(trainer.G, 4000, seed=5)
        distances = []
        for steps in (200, 400, 900):
            for _ in range(steps // 100):
                trainer.burst(100)
            distances.append(digit_distance(tensor_to_images(trainer.sample(z))))
        trainer.snapshot()
        found.append((trainer, distances))
    return found


def mean(trainer, name, start, end):
    return float(trainer.history[name][start:end].mean())


@pytest.mark.trains
def test_after_the_start_d_stays_a_little_better_than_guessing(runs, run_number):
    for trainer, _ in runs:
        for start in (200, 600, 1100):
            window = (start, start + 400)
            assert 0.5 < mean(trainer, "d_real", *window) < 0.7
            assert 0.3 < mean(trainer, "d_fake", *window) < 0.5
            assert 1.0 < mean(trainer, "loss_d", *window) < math.log(4)
            assert math.log(2) < mean(trainer, "loss_g", *window) < 1.2
    run_number(
        "06",
        "In every healthy run G's loss ends above its chance level.",
        loss_g=[mean(trainer, "loss_g", 1100, 1500) for trainer, _ in runs],
    )


@pytest.mark.trains
def test_the_images_improve_while_the_curves_hardly_move(runs):
    for trainer, (_, early, late) in runs:
        for name in ("d_real", "d_fake", "loss_d", "loss_g"):
            change = mean(trainer, name, 1100, 1500) - mean(trainer, name, 200, 600)
            assert abs(change) < 0.15
        assert late < 0.7 * early


@pytest.mark.trains
def test_one_player_alone_moves_the_answers_of_d(runs, run_number):
    parted, climbed = [], []
    for trainer, _ in runs:
        trainer.rewind(1500)
        trainer.burst(20, players="D")
        gap = trainer.history["d_real"] - trainer.history["d_fake"]
        parted.append(gap[-5:].mean() - gap[1100:1500].mean())
        trainer.rewind(1500)
        trainer.burst(20, players="G")
        climbed.append(trainer.history["d_fake"][-5:].mean() - mean(trainer, "d_fake", 1100, 1500))
    assert min(parted) > 0
    run_number("06", "D(x) and D(G(z)) part, because the detective studies alone", gap=parted)
    assert min(climbed) > 0.1
    run_number("06", "press *Step G* as often: D(G(z)) climbs", d_fake=climbed)


def test_ema_does_not_touch_the_training():
    ends = []
    for decay in (0.0, 0.998):
        trainer = lesson_trainer()
        trainer.ema_decay = decay
        trainer.burst(20)
        ends.append([p.detach().clone() for p in trainer.G.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))


def test_the_player_and_the_loop_give_the_same_numbers():
    trainer, twin = lesson_trainer(), lesson_trainer()
    player = digits_player(trainer)
    player.speed.value = 10
    for tick in (1, 2, 3):
        player.play.value = tick
    for _ in twin.run(trainer.step, every=7):
        pass
    assert trainer.step > 0
    np.testing.assert_array_equal(trainer.history["loss_g"], twin.history["loss_g"])


# --- what ships trained --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    """The shipped generator with the lesson's 10,000 z, images and features."""
    G = load_digits_generator()
    z = G.sample_z(10_000, torch.Generator().manual_seed(2))
    x = torch.cat([G(part) for part in z.split(1000)])
    return G, z, x, features(x)


def test_the_shipped_files_are_small():
    folder = Assets().folder()
    assert (folder / GENERATOR_FILE).stat().st_size < 1_200_000
    assert (folder / TIMELINE_FILE).stat().st_size < 600_000
    assert (Assets().folder("lesson_06") / RUNS_FILE).stat().st_size < 200_000
    told = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
    for name in (GENERATOR_FILE, TIMELINE_FILE, RUNS_FILE):
        assert name in told


def test_the_shipped_generator_draws_every_digit_and_well(trained):
    _, _, x, f = trained
    shares = class_shares(x)
    assert shares.min() >= 0.07
    mean2, cov2 = mnist_statistics()
    told = Assets().folder() / "PROVENANCE.md"
    row = next(r for r in told.read_text("utf-8").splitlines() if GENERATOR_FILE in r)
    stated = float(re.search(r"distance ([\d.]+)", row)[1])
    assert "in 39% of all comparisons" in row and "came out as 39 %" in LESSON.text
    found = frechet_distance_from_statistics(*frechet.statistics(f), mean2, cov2)
    assert found == pytest.approx(stated, rel=0.15)  # of other z
    assert REAL_AGAINST_REAL < found < 20
    last = load_digits_timeline().distance[-1]  # of the same G, another 10,000 z
    assert last == pytest.approx(14.2, abs=0.05) and abs(found - last) > 1


def test_the_lessons_frechet_distance_is_the_packages(trained):
    f = trained[3]
    ours = LESSON.define("frechet", np=np)["frechet"](f, *mnist_statistics())
    package = frechet_distance_from_statistics(*frechet.statistics(f), *mnist_statistics())
    assert ours == pytest.approx(package, rel=1e-4)


def test_the_time_line_ends_at_the_shipped_generator(trained):
    t = load_digits_timeline()
    G = trained[0]
    assert t.steps[0] == 0 and (np.diff(t.steps) > 0).all()
    assert f"at {len(t.steps)} moments" in pretrained.__doc__
    assert t.sheets.shape == (len(t.steps), 36, 28, 28)
    last = tensor_to_images(G(fixed_z(G))).astype(int)
    assert np.abs(last - t.sheets[-1]).mean() < 1  # float16 moves pixels by less than a level
    assert t.curves.shape == (len(t.curve_steps), 4)
    assert t.curve_steps[-1] == t.steps[-1]


def test_in_the_long_run_images_improve_and_curves_hardly_move():
    t = load_digits_timeline()
    at = dict(zip(t.steps.tolist(), t.distance, strict=True))
    assert at[1000] == pytest.approx(126, abs=0.5) and t.distance[-1] == pytest.approx(14, abs=0.5)
    assert min(at[s] for s in (12_000, 16_000, 20_000)) > 0.85 * at[8000]  # hardly a gain
    assert at[0] == pytest.approx(2645, abs=0.5)
    assert 64 * 8000 / 60_000 < 9
    early = t.curves[(t.curve_steps > 500) & (t.curve_steps <= 1500)].mean(axis=0)
    late = t.curves[t.curve_steps > 15_000].mean(axis=0)
    assert np.abs(late - early).max() < 0.15
    explorer, told = TimelineExplorer(t), []
    for i in range(t.steps.tolist().index(1000), len(t.steps)):
        explorer.moment.value = i
        numbers = re.search(
            r"D\(x\) = ([\d.]+), D\(G\(z\)\) = ([\d.]+), .*? loss ([\d.]+)", shown(explorer)[0]
        )
        told.append([float(number) for number in numbers.groups()])
    np.testing.assert_allclose(np.min(told, axis=0), [0.52, 0.46, 1.26])
    np.testing.assert_allclose(np.max(told, axis=0), [0.54, 0.48, 1.34])
    later = t.curves[t.curve_steps > 100]
    assert (later[:, 0] > 0.5).mean() > 0.95 and (later[:, 1] < 0.5).mean() > 0.95


def test_the_rates_of_the_long_run_fall_in_a_straight_line_to_0():
    trainer = fully_connected_trainer(IMAGES[:100], n_steps=digits.GENERATOR_STEPS)
    at = [trainer.schedules["lr"](progress) for progress in (0.0, 0.25, 0.5, 1.0)]
    assert at == [1.0, 0.75, 0.5, 0.0]


@pytest.mark.trains
def test_a_short_version_of_the_making_moves_towards_what_ships(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "GENERATOR_STEPS", 300)
    monkeypatch.setattr(digits, "MOMENTS", (0, 100, 300))
    made = digits.make_digits_generator(load_digits(), Assets(tmp_path))
    written = {path.name for path in (tmp_path / "assets").iterdir()}
    assert written == {GENERATOR_FILE, TIMELINE_FILE, "SHA256SUMS"}
    t = load_digits_timeline()
    shipped = dict(zip(t.steps.tolist(), t.distance, strict=True))
    assert made["distance"] < 0.2 * shipped[0]
    assert abs(math.log(made["distance"] / shipped[300])) < math.log(3)


def test_the_four_short_runs_are_as_their_names_say():
    r = load_digits_runs()
    assert r.names.tolist() == list(digits.SHORT_RUNS)
    ends = r.curves[:, -20:].mean(axis=1)
    both, ahead, still, nobody = ends
    assert 0.5 < both[0] < 0.6 and 0.4 < both[1] < 0.5
    assert ahead[0] > 0.99 and ahead[1] < 0.01 and ahead[2] < 0.01 and ahead[3] > 5
    high = 6 * (1 + np.flatnonzero(r.curves[1, :, 2] > 0.1))  # steps where D's loss is not 0
    assert high[high <= 60].any() and 205 <= high[high > 60].min() < 220 < high.max() <= 246
    assert 6 * (1 + r.curves[1, :, 1].argmax()) == 6 * (1 + r.curves[1, :, 2].argmax()) == 222
    assert still[1] > 0.85 and still[3] < 0.2
    np.testing.assert_allclose(nobody, [0.5, 0.5, math.log(4), math.log(2)], atol=0.01)
    assert math.log(2) < both[3]  # claim 14: a good run, G's loss above its chance level
    distance = [frechet_distance(features(s), features(NEW)) for s in r.sheets]
    assert min(distance[1:]) > 3 * distance[0]
    assert abs(r.sheets[3].mean() - 127.5) < 10 and r.sheets[0].mean() < 80  # grey; ink on paper
    assert r.sheets[2].std(axis=0).mean() < 1  # one pattern for all z


def test_d_is_far_ahead_at_four_times_the_recipes_rate_and_g_at_a_twentieth():
    lr_g, lr_d, gamma = digits.SHORT_RUNS["D far ahead"]
    recipe_g, recipe_d, _ = digits.SHORT_RUNS["both learn"]
    assert (lr_g, lr_d) == pytest.approx((recipe_g / 20, 4 * recipe_d)) and gamma == 0
    trainer = lesson_trainer()
    assert (trainer.lr_g, trainer.lr_d) == (recipe_g, recipe_d)


@pytest.mark.trains
def test_a_short_run_made_again_is_the_one_that_ships():
    curves, sheet = digits.short_run(IMAGES, *digits.SHORT_RUNS["both learn"])
    shipped = load_digits_runs()
    assert np.abs(curves[:20] - shipped.curves[0, :20]).max() < 0.02
    assert np.abs(curves - shipped.curves[0]).mean() < 0.05
    assert sheet.mean() == pytest.approx(shipped.sheets[0].mean(), rel=0.2)


@pytest.mark.trains
def test_each_piece_of_the_recipe(runs, run_number):
    r = load_digits_runs()
    assert r.pieces.tolist() == list(digits.PIECES)
    distance = dict(zip(r.pieces.tolist(), r.piece_distance, strict=True))
    steps = dict(zip(r.pieces.tolist(), r.piece_steps, strict=True))
    recipe, longer = distance.pop("the recipe"), distance.pop("the recipe, longer")
    assert steps["without R1, longer"] == steps["the recipe, longer"] == 2000
    assert 1 < distance.pop("without R1, longer").mean() / longer.mean() < 1.2  # a small matter
    assert round(abs(longer[0] - longer[1])) == 6  # two seeds
    without_r1 = distance.pop("without R1")
    saturating = distance.pop("saturating loss")
    for harmless in (without_r1, saturating):  # no matter yet after 1,000 steps
        assert np.abs(harmless / recipe - 1).max() < 0.15
    for name, others in distance.items():  # what is left costs something at once
        assert steps[name] == 1000 and (others > 1.2 * recipe).all(), name
    hopeless = [distance["without BatchNorm in G"], distance["Adam's usual betas (.9, .999)"]]
    assert np.min(hopeless) > 5 * recipe.max()
    first_200 = [distances[0] for _, distances in runs]
    assert min(hopeless[0]) > max(first_200) and min(hopeless[1]) > max(hopeless[0])
    run_number(
        "06",
        "Without BatchNorm, 1,000 steps bring less than the recipe's first 200",
        recorded_without=hopeless[0],
        first_200=first_200,
    )


# --- section 3: reading the curves ---------------------------------------------------------------


def test_chance_levels_and_a_mean_of_one_half():
    assert -2 * math.log(0.5) == pytest.approx(1.386, abs=5e-4)
    assert -math.log(0.5) == pytest.approx(0.693, abs=5e-4)
    assert np.mean([0.9, 0.1]) == 0.5


# --- section 4: are the samples any good? ------------------------------------------------------


def test_a_memoriser_scores_as_real_digits_do_and_noise_far_from_it(trained):
    f_train = features(IMAGES)
    rows = np.random.default_rng(0).integers(len(f_train), size=10_000)
    statistics = frechet.statistics(f_train[rows])
    memoriser = frechet_distance_from_statistics(*statistics, *mnist_statistics())
    assert memoriser == pytest.approx(REAL_AGAINST_REAL, rel=0.25)
    statistics = frechet.statistics(f_train)  # the floor: the same images, each of them once
    floor = frechet_distance_from_statistics(*statistics, *mnist_statistics())
    assert floor == pytest.approx(REAL_AGAINST_REAL, abs=0.01) and len(np.unique(rows)) < 10_000
    noise = torch.rand(10_000, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert 1000 < digit_distance(noise) < load_digits_timeline().distance[0]  # no upper bound
    fewer = frechet.statistics(trained[3][:1000])
    small = frechet_distance_from_statistics(*fewer, *mnist_statistics())
    all_ = frechet_distance_from_statistics(*frechet.statistics(trained[3]), *mnist_statistics())
    assert small > all_  # fewer samples give larger numbers


def test_the_trained_generator_does_not_copy(trained):
    _, _, x, f = trained
    for sets in ((x[:2000], IMAGES, NEW), (f[:2000], features(IMAGES), features(NEW))):
        check = memorisation_check(*sets)
        assert check.closer <= 0.52
        assert check.too_close <= 0.02
        low = [np.quantile(d, [0.01, 0.05, 0.25, 0.5]) for d in (check.samples, check.held_out)]
        assert (low[0] > 0.95 * low[1]).all()  # nowhere clearly below, in the near tail too


def test_a_thief_is_caught_and_a_shifted_thief_by_features_only():
    check = memorisation_check((IMAGES[::5] + 0.02).clamp(-1, 1), IMAGES, NEW)
    assert check.closer > 0.99 and check.too_close > 0.9
    shifted = torch.roll(IMAGES[::5], 1, dims=3)
    assert memorisation_check(shifted, IMAGES, NEW).closer == pytest.approx(0.5, abs=0.03)
    sets = (features(shifted), features(IMAGES), features(NEW))
    assert 0.7 < memorisation_check(*sets).closer < 0.8  # neither finds every copy


def test_on_few_digits_the_discriminator_learns_them_by_heart():
    r = load_digits_runs()
    trained, new, _ = r.few_answers.T
    gap = trained - new
    assert gap[0] < 0.05 and gap[-1] > 0.25
    assert trained[-1] == pytest.approx(0.68, abs=0.005)
    assert new[-1] == pytest.approx(0.38, abs=0.005)
    assert r.few_closer[-1] == pytest.approx(0.68, abs=0.005) and r.few_closer[2:].min() > 0.65
    assert r.few_answers.shape == (len(r.few_steps), 3)


def test_to_come_near_the_few_digits_is_no_proof_of_copying(trained):
    rows = first_rows_of_each_digit(load_digits().train.labels, 100)
    few, paper = IMAGES[rows], torch.nn.functional.pad(NEW, (1, 1, 1, 1), value=-1.0)
    blurred = torch.nn.functional.avg_pool2d(paper, 3, stride=1)
    assert len(few) == digits.FEW
    assert memorisation_check(trained[2][:2000], few, NEW).closer == pytest.approx(0.5, abs=0.03)
    assert memorisation_check(blurred, few, NEW).closer == pytest.approx(0.68, abs=0.005)


# --- section 5: the latent space -----------------------------------------------------------------


def test_lengths_of_z(trained):
    _, z, _, _ = trained
    length = z.norm(dim=1)
    assert length.mean() == pytest.approx(8, abs=0.06)
    assert length.std() == pytest.approx(math.sqrt(0.5), abs=0.02)
    half_way = ((z[:5000] + z[5000:]) / 2).norm(dim=1)
    assert half_way.mean() == pytest.approx(8 / math.sqrt(2), abs=0.06)
    assert (half_way > length.quantile(0.05)).float().mean() < 0.02


@pytest.mark.parametrize("dim", [1, 2, 64])
@pytest.mark.parametrize("length", [0.1, 1.0, 5.657, 8.0, 12.0])
def test_the_share_of_shorter_z_is_scipys(length, dim):
    assert share_shorter(length, dim) == pytest.approx(stats.chi2.cdf(length**2, dim), abs=1e-9)


def test_walks_start_end_and_bend_as_they_should():
    z_a, z_b = torch.randn(2, 64, generator=torch.Generator().manual_seed(0)).double()
    t = torch.linspace(0, 1, 21).double()
    line, arc = on_line(z_a, z_b, t), on_sphere(z_a, z_b, t)
    for walk in (line, arc):
        assert torch.allclose(walk[0], z_a) and torch.allclose(walk[-1], z_b)
    length = arc.norm(dim=1)
    assert torch.allclose(length, z_a.norm() + t * (z_b.norm() - z_a.norm()))
    unit = arc / length[:, None]
    angles = torch.arccos((unit[1:] * unit[:-1]).sum(dim=1))
    assert torch.allclose(angles, angles.mean().expand(20))  # even steps, all in one plane
    assert torch.linalg.matrix_rank(torch.stack([z_a, z_b, arc[7], arc[13]]), rtol=1e-6) == 2


def test_half_way_points_score_as_the_lesson_says(trained):
    G, z, _, f = trained
    middle = (z + z.roll(1, dims=0)) / 2
    distance = {}
    for name, place in (("line", middle), ("sphere", lesson_06.TO_SPHERE.reference(middle))):
        x = torch.cat([G(part) for part in place.split(1000)])
        distance[name] = digit_distance(x)
    own = frechet_distance_from_statistics(*frechet.statistics(f), *mnist_statistics())
    assert distance["line"] > 5 * distance["sphere"]
    assert distance["sphere"] < 1.15 * own
    some = {"any z": trained[2][:2000], "half way": G(middle[:2000])}
    shares = {name: class_shares(x) for name, x in some.items()}
    assert some["half way"].mean() < some["any z"].mean()  # paler, and fewer black pixels
    black = {name: (x > 0.8).float().mean() for name, x in some.items()}
    assert black["half way"] < 0.8 * black["any z"]
    assert shares["half way"].argsort()[-2:].tolist() == [8, 9]
    assert shares["half way"][8:].sum() > 1.7 * shares["any z"][8:].sum()


def test_direction_is_the_difference_of_two_means_and_raises_the_ink(trained):
    G, z, x, _ = trained
    ink = x.mean(dim=(1, 2, 3))
    read = load_classifier()(x).argmax(dim=1)
    assert ink[read == 0].mean() > ink[read == 1].mean()  # zeros need more ink than ones
    for digit in range(10):
        ink[read == digit] -= ink[read == digit].mean()
    heavier = direction(z, ink)
    high = ink.numpy() > np.median(ink.numpy())
    expected = z.numpy()[high].mean(axis=0) - z.numpy()[~high].mean(axis=0)
    np.testing.assert_allclose(heavier.numpy(), expected, atol=1e-6)
    ten = one_z_of_each_digit(G)
    inks = [
        G(lesson_06.TO_SPHERE.reference(ten + t * heavier / heavier.norm())).mean(dim=(1, 2, 3))
        for t in (-3.0, 0.0, 3.0)
    ]
    assert (inks[0] < inks[2]).all()
    with pytest.raises(ValueError, match="score"):
        direction(z, ink[:5])


def test_seven_minus_one_turns_ones_into_sevens(trained):
    G, z, x, _ = trained
    read = load_classifier()(x).argmax(dim=1)
    way = z[read == 7].mean(dim=0) - z[read == 1].mean(dim=0)
    ones = z[read == 1][:500]
    sevens = []
    for t in (0.0, 1.0, 2.0):
        moved = load_classifier()(G(lesson_06.TO_SPHERE.reference(ones + t * way))).argmax(dim=1)
        sevens.append((moved == 7).float().mean().item())
    assert sevens[0] < 0.05 and sevens[1] > 0.5 and sevens[2] > 0.9


def test_ten_z_one_of_each_digit(trained):
    G = trained[0]
    ten = one_z_of_each_digit(G)
    assert ten.shape == (10, 64)
    assert load_classifier()(G(ten)).argmax(dim=1).tolist() == list(range(10))


def test_one_coordinate_changes_little_and_no_axis_is_special(trained):
    G = trained[0]
    z = fixed_z(G, 500, seed=9)
    axes = torch.eye(64)
    turned = torch.linalg.qr(torch.randn(64, 64, generator=torch.Generator().manual_seed(1)))[0]

    def changes(directions):
        return torch.stack([(G(z + 2 * d) - G(z)).abs().mean() / 2 for d in directions])

    along, across = changes(axes).mean().item(), changes(turned).mean().item()
    assert along < 0.06  # of full ink
    assert along == pytest.approx(across, rel=0.1)


def test_one_coordinate_leaves_the_surest_digits_as_they_are_but_not_any(trained):
    G, read = trained[0], load_classifier()
    otherwise = {}
    for name, z in (("surest", one_z_of_each_digit(G)), ("any", fixed_z(G, 200, seed=9))):
        before, found = read(G(z)).argmax(dim=1), []
        for j in range(0, 64, 4):
            z_moved = z.clone()
            z_moved[:, j] = 2.0
            found.append((read(G(z_moved)).argmax(dim=1) != before).float().mean().item())
        otherwise[name] = np.mean(found)
    assert otherwise["surest"] < 0.07
    assert otherwise["any"] == pytest.approx(0.25, abs=0.04)


# --- section 6 -----------------------------------------------------------------------------------


def test_precision_and_recall_tell_variety_from_fidelity(trained):
    G, z, x, f = trained
    f_test = features(NEW)
    whole = precision_recall(f_test, f[:2000])
    threes = f[(load_classifier()(x).argmax(dim=1) == 3).numpy()]
    only = precision_recall(f_test, threes[np.arange(2000) % len(threes)])
    assert whole.precision - 0.1 < only.precision < whole.precision  # a little is lost
    assert only.recall < 0.1 < 0.8 < whole.recall
    real = precision_recall(f_test, features(IMAGES[::5]))
    assert real.precision > whole.precision and real.recall > whole.recall
    half_way = precision_recall(f_test, features(G((z[:2000] + z.roll(1, dims=0)[:2000]) / 2)))
    assert half_way.precision > real.precision and half_way.recall < whole.recall - 0.1


# --- the exercises -------------------------------------------------------------------------------


def test_letters_may_be_written_in_any_way_and_every_other_order_is_wrong():
    from itertools import permutations

    assert lesson_06.check_match("c, a, d, b") == "CADB"
    for order in permutations("ABCD"):
        if "".join(order) != "CADB":
            with pytest.raises(WrongAnswer):
                lesson_06.check_match("".join(order))


def test_the_figure_puts_the_sheets_where_the_letters_say():
    r = load_digits_runs()
    figure = curves_and_sheets_figure(r)
    sheets = [axes.images[0].get_array() for axes in figure.axes[8:]]
    for run, letter in enumerate(lesson_06.ORDER):
        shown = sheets["ABCD".index(letter)]
        first = 255 - np.asarray(shown)[:28, :28].astype(int)
        assert np.abs(first - r.sheets[run][0]).max() <= 16


def test_every_description_is_used_in_the_lesson():
    for name in vars(descriptions):
        if name.startswith("describe_"):
            assert f"lesson_06.{name}(" in LESSON.text, name


# --- the explorers ------------------------------------------------------------------------------


def shown(explorer):
    """The description and the read-out, finite; the picture is a PNG of the promised size."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    width, height = (int.from_bytes(explorer.panel.png[i : i + 4], "big") for i in (16, 20))
    html = explorer.panel.html.value
    assert f'width="{width}" height="{height}"' in html and 'alt="' in html
    return told, explorer.panel.png


def test_the_time_line_over_its_whole_range():
    t = load_digits_timeline()
    explorer = TimelineExplorer(t)
    seen = set()
    for i in range(len(t.steps)):
        explorer.moment.value = i
        told, png = shown(explorer)
        assert f"After step {t.steps[i]:,}" in told
        seen.add(png)
    assert len(seen) == len(t.steps)
    for i in range(200):
        explorer.moment.value = (i * 7) % len(t.steps)
    if np.isfinite(t.distance[-1]):
        explorer.moment.value = len(t.steps) - 1
        assert f"Fréchet distance {t.distance[-1]:.1f}" in shown(explorer)[0]


def test_no_cursor_and_no_curve_of_the_time_line_touches_the_name_of_a_chance_level():
    trainer = fully_connected_trainer(load_digits().train.images[:200], n_steps=9)
    trainer.burst(5)
    trainer.snapshot()
    for run in (load_digits_timeline(), trainer):
        explorer = TimelineExplorer(run)  # at the last moment
        for axes in explorer.panel.figure.axes[1:3]:
            ends = [float(np.max(line.get_xdata())) for line in axes.lines]
            right = axes.transData.transform((max(ends), 0))[0]
            assert max(ends) == explorer.timeline.steps[-1] and axes.texts
            assert all(name.get_window_extent().x0 > right + 1 for name in axes.texts)


@pytest.mark.trains
def test_the_time_line_of_a_trainer_shows_what_it_drew_then(runs):
    trainer, _ = runs[0]
    trainer.rewind(1500)
    trainer.seconds_between_snapshots = 0.0
    drawn = []
    for _ in range(3):
        trainer.burst(5)
        drawn.append(tensor_to_images(trainer.sample(fixed_z(trainer.G))))
    t = timeline_of(trainer)
    assert t.steps[-3:].tolist() == [1505, 1510, 1515]
    np.testing.assert_array_equal(t.sheets[-3:], drawn)
    explorer = TimelineExplorer(trainer, moment=0)
    assert "After step 0: nothing is trained yet." in shown(explorer)[0]
    trainer.rewind(1500)
    assert timeline_of(trainer).steps.max() == 1500  # moments ahead of a rewind are not its past


def test_the_time_line_of_an_untrained_trainer_is_its_first_sheet():
    explorer = TimelineExplorer(lesson_trainer())
    assert "nothing is trained yet" in shown(explorer)[0]


def test_the_walk_over_its_whole_range(trained):
    G = trained[0]
    explorer = LatentWalk(G)
    for ends in (0, 19):
        explorer.ends.value = ends
        seen = set()
        for t in np.linspace(0, 1, 9):
            explorer.t.value = float(t)
            seen.add(shown(explorer)[1])
        assert len(seen) == 9
        explorer.t.value = 0.0
        z_a, z_b = explorer._pair()
        length = f"{float(z_a.norm()):.2f}"
        assert f"|z| = {length} on the line, {length} on the sphere" in shown(explorer)[0]
    explorer.t.value = 0.5
    told = shown(explorer)[0]
    line = float(((z_a + z_b) / 2).norm())
    assert f"{line:.2f} on the line" in told
    length = (float(z_a.norm()) + float(z_b.norm())) / 2  # evenly from one to the other, so not 8
    assert f"{length:.2f} on the sphere" in told and abs(length - 8) > 0.01
    for i in range(200):
        explorer.t.value = (i % 41) / 40


def test_the_slice_over_its_whole_range(trained):
    G = trained[0]
    explorer = LatentSlice(G)
    seen = set()
    for u in (0.0, 0.5, 1.0):
        for v in (0.0, 0.5, 1.0):
            explorer.u.value, explorer.v.value = u, v
            assert "of length 8.0" in shown(explorer)[0]
            seen.add(explorer.panel.png)
    assert len(seen) == 9
    explorer.corners.value = 7
    corner = explorer.at(torch.tensor([1.0]), torch.tensor([0.0]))[0]
    b = G.sample_z(4, torch.Generator().manual_seed(207))[1]
    assert torch.allclose(corner, b * 8 / b.norm(), atol=1e-5)
    for i in range(200):
        explorer.u.value, explorer.v.value = (i % 51) / 50, (i % 13) / 12


def test_one_coordinate_over_its_whole_range(trained):
    G = trained[0]
    explorer = LatentCoordinate(G)
    for j in (0, 31, 63):
        explorer.j.value = j
        pictures = set()
        for value in (-3.0, 0.0, 3.0):
            explorer.value.value = value
            pictures.add(shown(explorer)[1])
        assert len(pictures) == 3
    z = explorer._z.clone()
    z[:, 63] = 3.0
    before, after = (tensor_to_images(G(x)).astype(int) for x in (explorer._z, z))
    assert f"{np.abs(after - before).mean() / 255:.1%} of full black" in shown(explorer)[0]
    for i in range(200):
        explorer.value.value = -3 + (i % 61) / 10


def test_moving_a_latent_slider_draws_a_handful_of_images_and_no_figure(trained, monkeypatch):
    G = trained[0]
    drawn = []
    real = latent._draw
    monkeypatch.setattr(latent, "_draw", lambda G, z: drawn.append(len(z)) or real(G, z))
    monkeypatch.setattr(latent.plots, "new_figure", None)
    walk, cut, one = LatentWalk(G), LatentSlice(G), LatentCoordinate(G)
    drawn.clear()
    walk.t.value, cut.u.value, cut.v.value, one.value.value = 0.1, 0.1, 0.1, 0.1
    assert drawn == [2, 1, 1, 10]


def test_pictures_that_do_not_move(trained):
    _, z, x, f = trained
    check = memorisation_check(f[:100], f[100:600], f[600:700])
    images = tensor_to_images(x[:4])
    for figure in (
        ladder_figure({"real digits": 2.9, "noise": 4000.0}),
        pairs_figure(images, images, ("a", "b")),
        distances_figure({"in features": check}),
        lengths_figure({"z": z.norm(dim=1).numpy()}),
    ):
        figure.canvas.draw()
    assert "2.9" in descriptions.describe_ladder({"real digits": 2.9})
    assert "median" in descriptions.describe_distances(check, check)
    assert f"{z.norm(dim=1).mean():.2f}" in descriptions.describe_lengths(
        {"z": z.norm(dim=1).numpy()}
    )


def test_the_lessons_functions_are_the_packages(trained):
    names = LESSON.run(*LESSON.cells("answer"))
    _, z, x, _ = trained
    assert torch.allclose(names["direction"](z, x[:, 0, 14, 14]), direction(z, x[:, 0, 14, 14]))
    found = names["nearest"](x[0, 0].numpy(), IMAGES[:500, 0].numpy())
    assert found == nearest_training_images(x[:1], IMAGES[:500]).index[0]
    z_a, z_b = latent_space.fixed_z(trained[0], 2)
    arc = on_sphere(z_a, z_b * z_a.norm() / z_b.norm(), torch.tensor([0.5]))
    on_line_ = (z_a + z_b * z_a.norm() / z_b.norm())[None] / 2
    assert torch.allclose(names["to_sphere"](on_line_), arc * 8 / z_a.norm(), atol=1e-4)


def test_a_trainer_is_what_the_lesson_builds():
    assert isinstance(lesson_trainer(), Trainer)


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_where_d_stands, "D(x) a little above ½, D(G(z)) a little below"),
        (
            questions.ask_curves_after_the_start,
            "the images become several times better, the curves hardly move",
        ),
        (questions.ask_memoriser_distance, "about the floor, as real digits do"),
        (questions.ask_one_coordinate, "a little of everything, differently for each digit"),
        (questions.ask_claim_d_loss_zero, FALSE),
        (questions.ask_claim_losses_apart, FALSE),
        (questions.ask_claim_no_error_metric, FALSE),
        (questions.ask_claim_copying, FALSE),
        (questions.ask_claim_gaussian, FALSE),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth

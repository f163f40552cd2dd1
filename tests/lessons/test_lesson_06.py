"""Lesson 06, networks, steps and training: what it says of them is so."""

import copy
import math
import os

import numpy as np
import pytest
import torch
from assets import digits
from lesson_text import LessonText
from shipped_digits import shown
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_space import fixed_z
from gan_lesson.lessons.lesson_06.recorded import load_digits_runs
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer, digits_player, timeline_of
from gan_lesson.metrics import digit_distance
from gan_lesson.networks import fully_connected_pair
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.trainer import Trainer
from gan_lesson.turns import update_discriminator, update_generator

LESSON = LessonText("06_digits")
cell_with = LESSON.cell_with
IMAGES = load_digits().train.images
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
SEEDS = range(5 if EVERYTHING else 1)  # of the runs of section 2
STEPS = (200, 600, 1500) if EVERYTHING else (200, 500, 900)  # the lesson's, or fewer
END = STEPS[-1]
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
            assert D(x).detach().numpy() == pytest.approx(0.5, abs=0.1)  # to every image


def test_an_untrained_generator_draws_even_grey(lesson):
    with torch.no_grad():
        x = lesson["G"](lesson["G"].sample_z(100))
    assert abs(x.mean()) < 0.05 and x.mean(dim=(2, 3)).std() < 0.05
    assert x.std() < 0.6 < IMAGES.std() + 0.1


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
    rate = {"lr": 0.1}
    loss_d = lesson["step_of_D"](D, G, x, z, torch.optim.SGD(D.parameters(), **rate))
    assert all(p.grad is None for p in G.parameters())  # detach left no gradients in G
    their_optimizer = torch.optim.SGD(twin_D.parameters(), **rate)
    _, _, theirs = update_discriminator(twin_D, twin_G, their_optimizer, x, z)
    assert torch.allclose(loss_d, theirs, atol=1e-6)
    loss_g = lesson["step_of_G"](D, G, z, torch.optim.SGD(G.parameters(), **rate))
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
    """The lesson's run on each seed, with the distances after each of `STEPS`."""
    found = []
    for seed in SEEDS:
        trainer = lesson_trainer(seed)
        z = fixed_z(trainer.G, 4000, seed=5)
        distances = []
        for step in STEPS:
            while trainer.step < step:
                trainer.burst(100)
            distances.append(digit_distance(tensor_to_images(trainer.sample(z))))
        trainer.snapshot()
        found.append((trainer, distances))
    return found


def mean(trainer, name, start, end):
    return float(trainer.history[name][start:end].mean())


@pytest.mark.trains
def test_at_first_each_player_raises_its_own_answer_of_d(run_number):
    found = {"d_real": [], "d_fake": []}
    for seed in SEEDS:
        trainer = lesson_trainer(seed)
        x, z = IMAGES[:500], fixed_z(trainer.G, 500, seed=5)
        assert x.mean() < -0.7  # paper is most of a real digit

        def answers(D=trainer.D, G=trainer.G, x=x, z=z):
            with torch.no_grad():  # G as it trains: on the batch's own statistics
                fake = copy.deepcopy(G).train()(z)
                seen = D(x), D(fake), fake, D(-torch.ones(1, 1, 28, 28))  # the last: empty paper
                return [float(numbers.mean()) for numbers in seen]

        now, by_d, by_g = answers(), np.zeros(4), np.zeros(4)
        for _ in range(3):
            before, _ = now, trainer.burst(1, players="D")
            between, _ = answers(), trainer.burst(1, players="G")
            now = answers()
            by_d += np.subtract(between, before)
            by_g += np.subtract(now, between)
        assert min(by_d[0], by_d[3]) > 0.15 and by_d[1] < 0  # D's steps raise D(x), and paper's
        assert by_g[1] > 0.1 and by_g[2] < -0.1  # G's steps raise D(G(z)): G draws paler
        for name, values in found.items():
            values.append(trainer.history[name].max())
            assert values[-1] > 0.53
    run_number("06", "In the first few steps both answers rise above ½.", **found)


@pytest.mark.trains
def test_after_the_start_d_stays_a_little_better_than_guessing(runs, run_number):
    for trainer, _ in runs:
        for start in (200, END // 2 - 150, END - 400):
            window = (start, start + 400)
            assert 0.5 < mean(trainer, "d_real", *window) < 0.7
            assert 0.3 < mean(trainer, "d_fake", *window) < 0.5
            assert 1.0 < mean(trainer, "loss_d", *window) < math.log(4)
            assert math.log(2) < mean(trainer, "loss_g", *window) < 1.2
    run_number(
        "06",
        "In each run of this recipe that we tried, G's loss ends above its chance level.",
        loss_g=[mean(trainer, "loss_g", END - 400, END) for trainer, _ in runs],
    )


@pytest.mark.trains
def test_the_images_improve_while_the_curves_hardly_move(runs):
    for trainer, (_, early, late) in runs:
        for name in ("d_real", "d_fake", "loss_d", "loss_g"):
            change = mean(trainer, name, END - 400, END) - mean(trainer, name, 200, 500)
            assert abs(change) < 0.15
        assert late < 0.7 * early


@pytest.mark.trains
def test_one_player_alone_moves_the_answers_of_d(runs, run_number):
    parted, climbed = [], []
    for trainer, _ in runs:
        trainer.rewind(END)
        trainer.burst(20, players="D")
        gap = trainer.history["d_real"] - trainer.history["d_fake"]
        parted.append(gap[-5:].mean() - gap[END - 400 : END].mean())
        trainer.rewind(END)
        trainer.burst(20, players="G")
        climbed.append(
            trainer.history["d_fake"][-5:].mean() - mean(trainer, "d_fake", END - 400, END)
        )
    assert min(parted) > 0
    run_number("06", "D(x) and D(G(z)) move apart, because the detective learns alone", gap=parted)
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
    hopeless = [distance["without BatchNorm in G"], distance["Adam's betas (0.9, 0.999)"]]
    assert np.min(hopeless) > 5 * recipe.max()
    first_200 = [distances[0] for _, distances in runs]
    assert min(hopeless[0]) > max(first_200) and min(hopeless[1]) > max(hopeless[0])
    run_number(
        "06",
        "Without BatchNorm, 1,000 steps bring less than the recipe's first 200",
        recorded_without=hopeless[0],
        first_200=first_200,
    )


def test_d_is_far_ahead_at_four_times_the_recipes_rate_and_g_at_a_twentieth():
    lr_g, lr_d, gamma = digits.SHORT_RUNS["D far ahead"]
    recipe_g, recipe_d, _ = digits.SHORT_RUNS["both learn"]
    assert (lr_g, lr_d) == pytest.approx((recipe_g / 20, 4 * recipe_d)) and gamma == 0
    trainer = lesson_trainer()
    assert (trainer.lr_g, trainer.lr_d) == (recipe_g, recipe_d)


def test_a_trainer_is_what_the_lesson_builds():
    assert isinstance(lesson_trainer(), Trainer)


@pytest.mark.trains
def test_the_time_line_of_a_trainer_shows_what_it_drew_then(runs):
    trainer, _ = runs[0]
    trainer.rewind(END)
    trainer.seconds_between_snapshots = 0.0
    drawn = []
    for _ in range(3):
        trainer.burst(5)
        drawn.append(tensor_to_images(trainer.sample(fixed_z(trainer.G))))
    t = timeline_of(trainer)
    assert t.steps[-3:].tolist() == [END + 5, END + 10, END + 15]
    np.testing.assert_array_equal(t.sheets[-3:], drawn)
    explorer = TimelineExplorer(trainer, moment=0)
    assert "After step 0: nothing is trained yet." in shown(explorer)[0]
    trainer.rewind(END)
    assert timeline_of(trainer).steps.max() == END  # moments ahead of a rewind are not its past


def test_the_time_line_of_an_untrained_trainer_is_its_first_sheet():
    explorer = TimelineExplorer(lesson_trainer())
    assert "nothing is trained yet" in shown(explorer)[0]

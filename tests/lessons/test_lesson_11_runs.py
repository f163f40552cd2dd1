"""What lesson 11 says of live runs from the shipped G, over several seeds (60 s)."""

import os

import numpy as np
import pytest
from lesson_text import LessonText

from gan_lesson.data import load_digits
from gan_lesson.diagnosis import diagnose
from gan_lesson.lessons.lesson_11.recorded import load_generator, load_second_classifier
from gan_lesson.metrics import digit_distance, frechet_distance, load_classifier, psnr
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.super_resolution import shrink

LESSON = LessonText("11_super_resolution")
SEEDS = range(5 if os.environ.get("GAN_LESSON_EVERY_CONTROL") else 1)
N_STEPS = 150


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def started(digits, weight, seed, **settings):
    """A run as the lesson starts it."""
    trainer = super_resolution_trainer(
        digits.train.images, weight, generator=load_generator(0), start_steps=0, n_steps=4000,
        seed=seed,
    )  # fmt: skip
    trainer.lr_d = 0.001
    for name, value in settings.items():
        setattr(trainer, name, value)
    return trainer


def place(digits, trainer):
    """PSNR and Fréchet distance of 500 test digits."""
    x = digits.test.images[::4]
    x_hat = trainer.restore(shrink(x))
    return float(psnr(x, x_hat, 2).mean()), digit_distance(x_hat)


@pytest.fixture(scope="module")
def walks(digits):
    """{weight: PSNR and distance of each seed after some steps}, the place of the start, a run."""
    found = {}
    for weight in (0.1, 1.0):
        found[weight] = []
        for seed in SEEDS:
            trainer = started(digits, weight, seed)
            if seed == 0:
                found["start"] = place(digits, trainer)
            trainer.burst(N_STEPS)
            found[weight].append(place(digits, trainer))
            found.setdefault("run", trainer)
    return found


def test_the_lesson_starts_its_run_so():
    assert "trainer.lr_d = 0.001 " in LESSON.text
    assert "run.lr_d, run.r1_gamma = 0.002, 0.0" in LESSON.text
    assert LESSON.text.count("generator=load_generator(0), n_steps=4000)") == 3


@pytest.mark.trains
def test_at_weight_a_tenth_the_distance_falls_and_psnr_pays(walks, run_number):
    decibels, distance = np.transpose(walks[0.1])
    lost, ratio = walks["start"][0] - decibels, distance / walks["start"][1]
    assert (ratio < 0.5).all() and (lost > 0.25).all() and (lost < 0.9).all()
    run_number(
        "11", "With weight 0.1 the distance falls to less than half within 150 steps",
        ratio=ratio.tolist(), lost=lost.tolist(),
    )  # fmt: skip


@pytest.mark.trains
def test_at_weight_one_psnr_falls_much_farther_for_little(walks, run_number):
    lost = {w: walks["start"][0] - np.transpose(walks[w])[0] for w in (0.1, 1.0)}
    ratio = np.transpose(walks[1.0])[1] / np.transpose(walks[0.1])[1]
    assert (lost[1.0] > 1.4 * lost[0.1]).all() and (ratio > 0.5).all()
    run_number(
        "11",
        "With weight 1 PSNR falls much more, while the distance becomes smaller by less than half.",
        more=(lost[1.0] / lost[0.1]).tolist(), ratio=ratio.tolist(),
    )  # fmt: skip


@pytest.mark.trains
def test_at_weight_zero_the_dot_goes_back(walks, digits, run_number):
    before, trainer = walks[0.1][0], walks["run"].branch()
    trainer.adversarial_weight = 0
    trainer.burst(N_STEPS)
    after = place(digits, trainer)
    assert after[0] > before[0] + 0.15 and after[1] > 1.2 * before[1]
    run_number("11", "With weight 0 it goes back up and to the right.",
               psnr=[before[0], after[0]], distance=[before[1], after[1]])  # fmt: skip


@pytest.mark.trains
def test_a_d_that_wins_at_a_small_weight_makes_nothing_worse(digits, run_number):
    losses, gained, ratios = [], [], []
    for seed in SEEDS:
        run = started(digits, 0.001, seed, r1_gamma=0.0, lr_d=0.002)
        start = place(digits, run)
        run.burst(240)
        end = place(digits, run)
        losses.append(float(run.history["loss_d"][-20:].mean()))
        gained.append(end[0] - start[0])
        ratios.append(end[1] / start[1])
        x = digits.test.images[:500]
        found = diagnose(run.history, samples=run.restore(shrink(x)), real=x, D=run.D, G=run.G,
                         z=lambda n, x=x: shrink(x[:n]))  # fmt: skip
        assert str(found)
    assert max(losses) < 1.0 and min(gained) > -0.1 and max(ratios) < 0.97
    statement = (
        "D's loss is far below the chance level, and yet no axis of the plane got noticeably worse."
    )
    run_number("11", statement, loss_d=losses, gained=gained, ratio=ratios)


@pytest.mark.trains
def test_each_judge_prefers_the_g_that_it_taught(digits, run_number):
    names = LESSON.define(
        "classifiers", "judged_by_both", x_train=digits.train.images, digits=digits,
        super_resolution_trainer=super_resolution_trainer, load_generator=load_generator,
        shrink=shrink, load_classifier=load_classifier, frechet_distance=frechet_distance,
        load_second_classifier=load_second_classifier,
    )  # fmt: skip
    found = {name: [names["judged_by_both"](name, seed) for seed in SEEDS]
             for name in names["classifiers"]}  # fmt: skip
    ratios = {}
    for judge, rest in (("first", "second"), ("second", "first")):
        pairs = zip(found[judge], found[rest], strict=True)
        ratios[judge] = [own[judge] / other[judge] for own, other in pairs]
    assert max(ratios["first"] + ratios["second"]) < 0.95
    run_number(
        "11", "In each run that we tried, each net found the G that it taught nearer to the "
        "originals than the other net's G.", **ratios,
    )  # fmt: skip

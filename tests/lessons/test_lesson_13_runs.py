"""What lesson 13 says of live runs, over several seeds (25 s; all seeds in `make test-all`)."""

import os

import numpy as np
import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_13 import scarce
from gan_lesson.lessons.lesson_13.asked import read_as_asked
from gan_lesson.lessons.lesson_13.translation import (
    kept_share,
    round_trip_error,
    translation_trainer,
)
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.recipes import conditional_trainer

LESSON = LessonText("13_what_it_is_good_for")
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
SEEDS = range(5 if EVERYTHING else 1)
STARTS = range(10 if EVERYTHING else 3)
LABEL_STEPS, TRANSLATION_STEPS = 200, 400


def test_the_lesson_runs_as_many_steps():
    assert f"run.burst({LABEL_STEPS})" in LESSON.text
    assert f"run.burst({TRANSLATION_STEPS})" in LESSON.text
    assert f"preview_steps={TRANSLATION_STEPS})" in LESSON.text


# --- section 2 -----------------------------------------------------------------------------------


@pytest.mark.trains
def test_labels_of_its_own_bring_a_network_little(run_number):
    G, gained = load_digits_generator(), []
    for seed in SEEDS:
        few = scarce.few_labelled(10, seed)
        net = scarce.train_classifier(few, seed=seed)
        x = G(G.sample_z(scarce.N_ADDED, torch.Generator().manual_seed(seed)))
        again = scarce.train_classifier(few, scarce.labelled_by(net, x), seed=seed)
        gained.append(100 * (scarce.accuracy(again) - scarce.accuracy(net)))
    assert max(np.abs(gained)) < 4
    run_number("13", "the two accuracies differ by less than four points", points=gained)


# --- section 3 -----------------------------------------------------------------------------------


@pytest.mark.trains
def test_without_a_label_for_d_g_draws_what_it_likes(run_number):
    digits, shares = load_digits().train, {True: [], False: []}
    for sees in shares:
        for seed in SEEDS:
            run = conditional_trainer(
                digits.images, digits.labels, n_steps=6000, d_sees_labels=sees, seed=seed
            )
            run.burst(LABEL_STEPS)
            shares[sees].append(float(read_as_asked(run.G_ema).mean()))
    assert min(shares[True]) > 0.6 and max(shares[False]) < 0.3
    run_number(
        "13",
        "after 200 steps more than 60 % are read as asked if D sees the label, and fewer than "
        "30 % if it does not",
        sees=shares[True], does_not=shares[False],
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.trains
@pytest.mark.parametrize("seed", range(7))
def test_a_run_of_a_minute_draws_what_is_asked_for(seed, run_number):
    digits = load_digits().train
    run = conditional_trainer(digits.images, digits.labels, n_steps=6000, seed=seed)
    run.burst(2000)
    early = float(read_as_asked(run.G_ema, each=500).mean())
    while run.step < 6000:
        run.burst(500)
        run.snapshots = []
    shares = read_as_asked(run.G_ema, each=500)
    assert early >= 0.93 and shares.mean() >= 0.98 and shares.min() >= 0.95
    run_number(
        "13", "at least 93 % of all asked digits were read as asked after 2,000 steps. After 6,000 "
        "steps it was at least 98 %, and at least 95 % of the digit that did worst.",
        early=early, late=float(shares.mean()), worst=float(shares.min()),
    )  # fmt: skip


# --- section 4 -----------------------------------------------------------------------------------


def ends(angle, help, seeds):
    """What share keeps its kind, how far the round trip is off, and the judges' loss."""
    found = []
    for seed in seeds:
        run = translation_trainer(angle, help, seed)
        run.burst(TRANSLATION_STEPS)
        kept = kept_share(run.G_ema.net.T, run.data)
        found.append((kept, round_trip_error(run), run.history["loss_d"][-50:].mean()))
    return np.transpose(found)


@pytest.mark.trains
def test_some_starts_swap_cats_and_dogs_and_no_loss_tells_which(run_number):
    kept, off, loss_d = ends(45, "nothing", STARTS)
    assert off.max() < 0.1 and loss_d.min() > 1.25
    assert ((kept < 0.05) | (kept > 0.95)).all()
    if EVERYTHING:  # three of three may agree
        assert kept.min() < 0.05 and kept.max() > 0.95
    run_number(
        "13", "the round trip is off by less than 0.1, and the judges' loss is near log 4, its "
        "chance level", off=off.tolist(), loss_d=loss_d.tolist(),
    )  # fmt: skip
    run_number(
        "13",
        "In some starts nearly every cat becomes a cat, and in others nearly every cat becomes a "
        "dog",
        kept=kept.tolist(),
    )  # fmt: skip


@pytest.mark.trains
@pytest.mark.parametrize("angle", [45, 135])
def test_two_pairs_decide(angle, run_number):
    kept, _, _ = ends(angle, "two pairs", SEEDS)
    assert kept.min() > 0.95
    run_number(
        "13", "With two known pairs nearly all points keep their kind in each start that we tried",
        kept=kept.tolist(),
    )  # fmt: skip


@pytest.mark.trains
def test_the_identity_loss_decides_for_what_lies_near(run_number):
    near, _, _ = ends(45, "identity loss", SEEDS)
    far, _, _ = ends(135, "identity loss", SEEDS)
    assert near.min() > 0.95 and far.max() < 0.05
    run_number(
        "13", "nearly all points keep their kind at 45°, and nearly all lose it at 135°",
        at_45=near.tolist(), at_135=far.tolist(),
    )  # fmt: skip

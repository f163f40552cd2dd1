"""What lesson 14 says of networks that it trains (20 s; all seeds in `make test-all`)."""

import os

import numpy as np
import pytest
import torch

from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_14.detector import (
    FILES,
    as_saved,
    found,
    images_to_test,
    train_detector,
    training_images,
    uphill,
)
from gan_lesson.lessons.lesson_14.membership import by_d, by_g, run_on, tpr_at_fpr
from gan_lesson.lessons.lesson_14.minority import mixed_digits, share_of_few
from gan_lesson.lessons.mathematics.divergence import auc
from gan_lesson.recipes import fully_connected_trainer

SEEDS = range(5 if os.environ.get("GAN_LESSON_EVERY_CONTROL") else 1)

# --- section 1 -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def detectors():
    """The network, trained as the lesson does it, with each seed."""
    return [train_detector(*map(as_saved, training_images()), seed=seed) for seed in SEEDS]


def judged(detectors, generator, files="saved", epsilon=0.0):
    """What each network makes of the test images."""
    x, y = (FILES[files](images) for images in images_to_test(generator))
    rows = []
    for D in detectors:
        attacked = as_saved(y + epsilon * uphill(D, y)) if epsilon else y
        rows.append(found(D.logits(x), D.logits(attacked)))
    return np.array(rows).T  # real called real, caught, AUC


@pytest.mark.trains
def test_the_network_knows_its_generator_and_not_the_other(detectors, run_number):
    _, caught, own = judged(detectors, "fully connected")
    _, unseen, other = judged(detectors, "convolutional")
    assert own.min() > 0.9 and caught.min() > 0.8  # the question: four of five
    assert unseen.max() < 0.33 and other.max() < 0.69
    run_number(
        "14",
        "The network catches fewer than a third of the convolutional G's digits, and its AUC "
        "there is below 0.7.",
        caught_own=caught.tolist(), auc_own=own.tolist(), caught=unseen.tolist(),
        auc=other.tolist(),
    )  # fmt: skip


@pytest.mark.trains
def test_after_a_blur_the_network_calls_hardly_anything_generated(detectors, run_number):
    _, caught, _ = judged(detectors, "fully connected", "blurred")
    assert caught.max() < 0.05
    statement = "After a blur it calls hardly anything generated."
    run_number("14", statement, caught=caught.tolist())


@pytest.mark.trains
def test_whitened_digits_are_caught_still(detectors, run_number):
    _, caught, _ = judged(detectors, "fully connected", "whitened")
    assert caught.min() > 0.6
    statement = "The network still catches most of the whitened digits"
    run_number("14", statement, caught=caught.tolist())


@pytest.mark.trains
def test_the_attack_leaves_few_that_are_caught(detectors, run_number):
    _, caught, _ = judged(detectors, "fully connected", epsilon=0.1)
    assert caught.max() < 0.22
    run_number("14", "it catches fewer than a quarter", caught=caught.tolist())


# --- section 2 -----------------------------------------------------------------------------------


@pytest.mark.trains
def test_d_names_members_of_a_hundred_and_g_hardly(run_number):
    images = load_digits().train.images
    areas, named, by_samples = [], [], []
    for seed in SEEDS:
        rows = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
        members, others = images[rows[:100]], images[rows[100:2100]]
        trainer = run_on(members, 400, seed)
        scores = [by_d(trainer.D, x) for x in (members, others)]
        z = trainer.G.sample_z(2000, torch.Generator().manual_seed(seed))
        samples = trainer.sample(z)
        near = [torch.from_numpy(by_g(samples, x)) for x in (members, others)]
        areas.append(auc(*map(torch.from_numpy, scores)))
        named.append(tpr_at_fpr(*scores, 0.01))
        by_samples.append(auc(*near))
    assert min(areas) > 0.72 and min(named) > 0.02
    assert all(g < d - 0.08 for g, d in zip(by_samples, areas, strict=True))
    run_number("14", "On average D gives its members a higher logit than others.",
               auc_d=areas, tpr=named, auc_g=by_samples)  # fmt: skip


# --- section 3 -----------------------------------------------------------------------------------


@pytest.mark.trains
def test_the_minority_is_rare_at_first_and_gone_with_half_of_z(run_number):
    early, late, half = [], [], []
    for seed in SEEDS:
        trainer = fully_connected_trainer(mixed_digits(0.1), seed=seed, n_steps=450)
        z = trainer.G.sample_z(2000, torch.Generator().manual_seed(0))
        trainer.burst(100)
        early.append(share_of_few(trainer.sample(z)))
        trainer.burst(350)
        late.append(share_of_few(trainer.sample(z)))
        half.append(share_of_few(trainer.sample(z / 2)))
    assert max(early) < 0.075 and max(half) < 0.02
    assert min(late) > 0.03  # more than with half of z, for the prediction
    run_number(
        "14",
        "In each run that we tried, less than 7.5 % of the samples were of the minority at step "
        "100, and less than 2 % with z halved.",
        early=early, late=late, half=half,
    )  # fmt: skip

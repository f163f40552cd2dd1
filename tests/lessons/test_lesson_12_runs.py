"""What lesson 12 says of live runs, over five seeds: in `make test-all` (2 minutes)."""

import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import load_digits
from gan_lesson.metrics import class_shares, digit_distance
from gan_lesson.recipes import style_trainer

LESSON = LessonText("12_style")
SEEDS = range(5)
N_STEPS = 400


def drawn_after(n_steps, seed):
    """2,000 images of the lesson's run, of one z each."""
    run = style_trainer(load_digits().train.images, start="linear", n_steps=1500, seed=seed)
    run.burst(n_steps)
    return run.sample(run.G.sample_z(2000, torch.Generator().manual_seed(1)))


def test_the_lesson_starts_its_run_so():
    assert 'style_trainer(x_train, start="linear", mixing=0.0, n_steps=1500)' in LESSON.text


@pytest.mark.trains
@pytest.mark.slow  # 25 s a seed, minutes without AVX
def test_within_some_hundred_steps_the_linear_start_draws_all_ten_digits(run_number):
    images = [drawn_after(N_STEPS, seed) for seed in SEEDS]
    distance = [digit_distance(x) for x in images]
    rarest = [float(class_shares(x).min()) for x in images]
    assert max(distance) < 100 and min(rarest) > 0.02
    run_number(
        "12",
        "In each run that we tried, the Fréchet distance of 2,000 images was below 100 after 400 "
        "steps, and all ten digits were there.",
        distance=distance, rarest=rarest,
    )  # fmt: skip

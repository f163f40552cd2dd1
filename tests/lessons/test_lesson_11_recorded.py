"""Lesson 11's recorded files hold what their docstrings say, and what they say is so."""

import numpy as np
import pytest
import torch

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_search import fits_about_as_well, search_latent
from gan_lesson.lessons.lesson_11.recorded import (
    WEIGHTS,
    load_answers,
    load_generator,
    load_plane,
    load_runs,
)
from gan_lesson.metrics import load_classifier, restoration_scores
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.super_resolution import mean_of_nearest, nearest_by_small_image, shrink

TRAIN, TEST = load_digits()
RUNS = load_runs()


def test_the_plane_holds_the_scores_of_the_means_that_it_names():
    plane = load_plane()
    assert len(plane.names) == 64
    nearest = nearest_by_small_image(shrink(TEST.images), shrink(TRAIN.images), 10)
    x_hat = mean_of_nearest(TRAIN.images, nearest, 10)
    scores = restoration_scores(TEST.images, x_hat, TEST.labels)
    row = list(plane.names).index("k=10")
    for name, score in scores._asdict().items():
        assert getattr(plane, name)[row] == pytest.approx(score, rel=2e-3)


def test_on_the_plane_each_axis_has_another_winner():
    plane = load_plane()
    of_k = [list(plane.names).index(f"k={k}") for k in range(1, 31)]
    psnr, distance = plane.psnr[of_k], plane.distance[of_k]
    assert psnr[9] > psnr[0] + 2
    assert distance[9] > 15 * distance[0]
    assert (np.diff(distance) > 0).all()
    projected = [list(plane.names).index(f"k={k} back-projected") for k in range(1, 31)]
    assert (plane.psnr[projected] > psnr).all()
    assert plane.psnr[0] == np.inf


def test_answers_are_those_of_the_search_and_four_pixels_fit_many_digits():
    answers, G, classifier = load_answers(), load_digits_generator(), load_classifier()
    assert answers.z.shape == (10, 3, 16, 64)
    assert TEST.labels[answers.rows].tolist() == list(range(10))
    classes = np.zeros((10, 3))
    for i, row in enumerate(answers.rows):
        for j, size in enumerate(answers.sizes):
            images = G(torch.from_numpy(answers.z[i, j]))
            y = shrink(TEST.images[row : row + 1], int(size))
            misfit = (shrink(images, int(size)) - y).square().mean(dim=(1, 2, 3)).sqrt()
            assert misfit[0] < {7: 0.15, 4: 0.05, 2: 0.005}[size]
            fits = torch.from_numpy(fits_about_as_well(misfit.numpy()))
            classes[i, j] = len(classifier(images[fits]).argmax(dim=1).unique())
    many = classes.mean(axis=0)
    assert many[0] < 2 and many[2] > 4

    y = shrink(TEST.images[answers.rows[3] : answers.rows[3] + 1], 2)
    found = search_latent(G, lambda x: shrink(x, 2), y, n_starts=16)
    assert found.misfit[0] < 0.005


def test_the_four_runs_share_their_start_and_their_digits():
    assert tuple(RUNS) == WEIGHTS
    first = RUNS[0.0]
    assert TEST.labels[first.shown].tolist() == [*range(10), 4, 9]
    for run in RUNS.values():
        m = len(run.steps)
        assert run.sheets.shape == (m, 12, 28, 28)
        assert run.sheets.dtype == np.uint8
        assert run.curves.shape == (len(run.curve_steps), 4)
        assert np.isfinite(run.curves).all()
        for name in ("psnr", "ssim", "distance", "read_rightly", "misfit"):
            assert getattr(run, name).shape == (m,)
        together = run.steps <= run.joins
        assert run.joins in run.steps
        assert np.array_equal(run.sheets[together], first.sheets[together])
        assert np.array_equal(run.psnr[together], first.psnr[together])


@pytest.mark.parametrize("weight", WEIGHTS)
def test_a_runs_generator_draws_its_last_sheet_and_has_its_last_scores(weight):
    run, G = RUNS[weight], load_generator(weight)
    x_hat = torch.cat([G(part) for part in shrink(TEST.images).split(500)])
    scores = restoration_scores(TEST.images, x_hat, TEST.labels)
    assert scores.psnr == pytest.approx(run.psnr[-1], abs=0.02)
    assert scores.distance == pytest.approx(run.distance[-1], rel=0.02)
    drawn = tensor_to_images(x_hat[torch.from_numpy(run.shown)]).astype(int)
    assert np.abs(drawn - run.sheets[-1]).max() <= 12  # 16 grey levels
    assert not any(p.requires_grad for p in G.parameters())


def test_more_weight_costs_psnr_and_too_much_weight_buys_nothing_for_it():
    psnr, distance = ([getattr(RUNS[w], of)[-1] for w in WEIGHTS] for of in ("psnr", "distance"))
    assert psnr == sorted(psnr, reverse=True)
    assert distance[2] < distance[1] / 1.5 < distance[0] / 3
    assert distance[3] > distance[2]


def test_another_weight_has_no_generator():
    with pytest.raises(ValueError, match="weight is 0.5; it must be one of"):
        load_generator(0.5)

"""Lesson 11's mathematics and what it says: two yardsticks, the plane, back-projection."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText, lock_and_reveal
from torchmetrics.functional.image import peak_signal_noise_ratio

from gan_lesson.data import load_digits
from gan_lesson.latent_search import fits_about_as_well
from gan_lesson.lessons.lesson_11 import questions
from gan_lesson.lessons.lesson_11.exercises import PSNR
from gan_lesson.lessons.lesson_11.gaussian import answers, frontier, scores
from gan_lesson.lessons.lesson_11.plane import BACK_PROJECTED, row_of, rows_of_k
from gan_lesson.lessons.lesson_11.recorded import load_answers, load_runs
from gan_lesson.losses import generator_loss
from gan_lesson.metrics import load_classifier, psnr, ssim
from gan_lesson.networks import super_resolution_pair
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.super_resolution import (
    ContentTurn,
    back_project,
    enlarge,
    mean_of_nearest,
    nearest_by_small_image,
    shrink,
)

LESSON = LessonText("11_super_resolution")


@pytest.fixture(scope="module")
def digits():
    return load_digits()


@pytest.fixture(scope="module")
def lesson(digits):
    """What the lesson writes out."""
    return LESSON.define(
        "shrink", "enlarge", "mean_of_nearest", "G_layers", "restore", "loss_of_g",
        x_train=digits.train.images,
    )  # fmt: skip


# --- what the lesson writes out is the package's -------------------------------------------------


def test_the_lessons_small_and_large_images_are_the_packages(lesson, digits):
    x = digits.test.images[:20]
    for size in (7, 4, 2):
        assert torch.allclose(lesson["shrink"](x, size), shrink(x, size), atol=1e-6)
    assert torch.equal(lesson["enlarge"](shrink(x)), enlarge(shrink(x)))


@pytest.mark.parametrize("k", [1, 2, 9])
def test_the_lessons_mean_of_nearest_digits_is_the_packages(lesson, digits, k):
    y = shrink(digits.test.images[:20])
    nearest = nearest_by_small_image(y, shrink(digits.train.images), k)
    wanted = mean_of_nearest(digits.train.images, nearest, k)
    assert torch.allclose(lesson["mean_of_nearest"](y, k), wanted, atol=1e-5)


def test_the_lessons_layers_and_loss_are_the_packages(lesson, digits):
    G, D = super_resolution_pair(seed=2)
    lesson["G_layers"].load_state_dict(G.net.state_dict())
    x = digits.test.images[:8]
    with torch.no_grad():
        x_hat = G(shrink(x))
        assert torch.allclose(lesson["restore"](shrink(x)), x_hat, atol=1e-5)
        adversarial = generator_loss(D(x_hat, as_logits=True), "non_saturating")
        content = ContentTurn().content_loss(None, x_hat, x)
        ours = lesson["loss_of_g"](D, x, x_hat, 0.1)
    assert float(ours) == pytest.approx(float(content + 0.1 * adversarial), rel=1e-5)


# --- section 1: the mean and the guess -----------------------------------------------------------


def test_a_draw_has_twice_the_error_of_the_mean_whatever_is_hidden():
    rng = np.random.default_rng(0)
    for _ in range(20):  # any law on a few values
        values, p = rng.normal(size=6), rng.dirichlet(np.ones(6))
        of_mean = p @ (values - p @ values) ** 2
        of_draw = sum(
            p[i] * p[j] * (values[i] - values[j]) ** 2 for i in range(6) for j in range(6)
        )
        assert of_draw == pytest.approx(2 * of_mean)


def test_the_scores_of_an_answer_are_those_of_many_draws():
    rng = np.random.default_rng(1)
    y, z, own = rng.standard_normal((3, 400_000))
    for rho, a, b in ((0.5, 0.5, 0.0), (0.8, 0.3, 0.9), (0.0, 1.0, 0.4)):
        x, answer = rho * y + np.sqrt(1 - rho**2) * z, a * y + b * own
        error, distance = scores(rho, a, b)
        assert np.mean((x - answer) ** 2) == pytest.approx(error, rel=0.02)
        coupled = np.mean((np.sort(x) - np.sort(answer)) ** 2)  # the best coupling on a line
        assert np.sqrt(coupled) == pytest.approx(distance, abs=0.01)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.5, 0.8])
def test_no_answer_gets_past_the_parabola_and_two_lie_on_it(rho):
    for a in np.linspace(0, 1.2, 13):
        for b in np.linspace(0, 1.2, 13):
            error, distance = scores(rho, a, b)
            assert error >= frontier(rho, distance) - 1e-12
    on_it = {name: scores(rho, *answer) for name, answer in answers(rho).items()}
    for name in ("mean", "stretched mean"):
        assert on_it[name][0] == pytest.approx(float(frontier(rho, on_it[name][1])))
    assert on_it["draw"] == pytest.approx((2 * on_it["mean"][0], 0.0), abs=1e-12)
    assert on_it["stretched mean"][0] / on_it["mean"][0] == pytest.approx(2 / (1 + rho))


def test_answers_out_of_range_are_refused():
    for wrong in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match="rho"):
            answers(wrong)
    with pytest.raises(ValueError, match="b is"):
        scores(0.5, 1.0, -1.0)
    with pytest.raises(ValueError, match="distance"):
        frontier(0.5, [-0.1])


# --- section 2: PSNR and SSIM --------------------------------------------------------------------


def test_psnr_is_that_of_torchmetrics():
    rng = np.random.default_rng(2)
    for data_range in (1.0, 2.0, 255.0):
        x, x_hat = rng.uniform(0, data_range, (2, 3, 4, 4))
        theirs = peak_signal_noise_ratio(
            torch.tensor(x_hat), torch.tensor(x), data_range=data_range
        )
        assert PSNR.reference(x, x_hat, data_range) == pytest.approx(float(theirs), abs=1e-4)
    lost = PSNR.reference(x, x_hat, 2) - PSNR.reference(x, x_hat, 1)
    assert lost == pytest.approx(6.02, abs=0.005)


def test_psnr_prefers_the_blur_to_a_digit_that_was_moved(digits):
    x = digits.test.images
    moved = x.roll(1, dims=3)
    assert psnr(x, moved, 2).mean() < row_of("bicubic")[0]
    with torch.no_grad():
        read = (load_classifier()(moved).argmax(dim=1) == digits.test.labels).float().mean()
    assert read > 0.97


def test_ssim_calls_the_negative_more_similar_on_tanh_images_only(digits):
    x = digits.test.images[:500]
    blurred = enlarge(shrink(x))
    assert ssim(x, -x, 2).mean() > 0.7 > 0.45 > ssim(x, blurred, 2).mean()
    bright = [(image + 1) / 2 for image in (x, -x, blurred)]
    assert ssim(bright[0], bright[1], 1).mean() < 0 < ssim(bright[0], bright[2], 1).mean()
    assert ssim(bright[0], bright[2], 255, strict=False).mean() > 0.98


# --- section 3: the plane ------------------------------------------------------------------------


def test_the_plane_says_what_the_lesson_says():
    decibels, distance = rows_of_k()
    floor = row_of("original")[1]
    assert distance[0] < 1.1 * floor  # "the distance is at the floor"
    assert (np.diff(distance) > 0).all()
    assert decibels.argmax() + 1 == 9 and decibels[8] - decibels[0] > 2
    assert distance[8] > 10 * distance[0]
    assert (np.diff(decibels[9:]) < 0).all()  # "after that both get worse"
    assert decibels[29] > decibels[0] and distance[29] > distance[0]  # the prediction


def test_fitting_is_free_in_distortion_and_costs_realism_at_one_digit():
    plain, fitting = rows_of_k(), rows_of_k(BACK_PROJECTED)
    assert (fitting[0] > plain[0]).all()
    assert fitting[1][0] > 2 * plain[1][0]


def test_the_digit_that_the_nearest_misreads_is_a_5(digits):
    y = shrink(digits.test.images[8:9])
    (nearest,) = nearest_by_small_image(y, shrink(digits.train.images), 1)
    assert int(digits.test.labels[8]) == 5
    assert int(digits.train.labels[nearest]) == 6


# --- section 4: back-projection ------------------------------------------------------------------


def test_pythagoras_and_no_image_comes_farther_from_its_original(digits):
    x = digits.test.images[:200].double()
    for x_hat in (-x, torch.rand_like(x) * 2 - 1, enlarge(shrink(x)) * 0.5):
        y = shrink(x)
        fitting = back_project(x_hat, y)
        squares = [(image - x).square().sum(dim=(1, 2, 3)) for image in (x_hat, fitting)]
        gap = (y - shrink(x_hat)).square().sum(dim=(1, 2, 3))
        assert torch.allclose(squares[0], squares[1] + 16 * gap)
        clamped = (fitting.clamp(-1, 1) - x).square().sum(dim=(1, 2, 3))
        assert (clamped <= squares[1] + 1e-9).all()


# --- section 6: how many originals fit? ----------------------------------------------------------


@torch.no_grad()
def test_seven_of_ten_digits_are_of_one_class_and_with_four_pixels_of_four_to_nine(digits):
    found, G, classifier = load_answers(), load_digits_generator(), load_classifier()
    classes = {}
    for digit, row in enumerate(found.rows.tolist()):
        assert int(digits.test.labels[row]) == digit
        for column, size in enumerate(found.sizes.tolist()):
            images = G(torch.from_numpy(found.z[digit, column]))
            gap = shrink(images, size) - shrink(digits.test.images[row : row + 1], size)
            fits = fits_about_as_well(gap.square().mean(dim=(1, 2, 3)).sqrt().numpy())
            classes.setdefault(size, []).append(len(classifier(images).argmax(1)[fits].unique()))
    assert classes[7].count(1) == 7
    assert min(classes[2]) == 4 and max(classes[2]) == 9


# --- the predictions, and the published numbers --------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_error_of_a_guess, 2.0),
        (questions.ask_one_or_thirty, questions.NEAR_FAR),
        (questions.ask_where_the_dot_goes, questions.LEFT_DOWN),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth


def test_what_the_text_says_of_the_published_table_follows_from_it():
    rows = {
        line.split("|")[1].strip(): [float(cell.split(",")[0]) for cell in line.split("|")[2:5]]
        for line in LESSON.text.splitlines()
        if line.startswith(("| bicubic", "| SRResNet", "| SRGAN"))
    }
    gains = np.subtract(rows["SRResNet, no D"], rows["bicubic"])
    assert gains[0] == pytest.approx(3.6, abs=0.05)  # "on the photographs called Set5"
    assert rows["bicubic"][2] - rows["SRGAN"][2] == pytest.approx(0.78)


def test_the_long_runs_end_where_the_text_says():
    runs = load_runs()
    assert {run.joins for run in runs.values()} == {500}
    decibels = {weight: run.psnr[-1] for weight, run in runs.items()}
    distance = {weight: run.distance[-1] for weight, run in runs.items()}
    assert decibels[0] - decibels[0.01] == pytest.approx(0.13, abs=0.01)
    assert distance[0.01] < distance[0] / 2
    assert distance[0.1] == pytest.approx(14.8, abs=0.05)
    assert 0.8 < decibels[0.01] - decibels[0.1] < 1.1  # "for one more decibel"
    assert decibels[1] < decibels[0.1] - 0.8 and distance[1] > distance[0.1]  # worse on both

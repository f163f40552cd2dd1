"""Search in z: answers fit, stay on the sphere, and are the same each time."""

import math

import numpy as np
import pytest
import torch

from gan_lesson.data import load_digits
from gan_lesson.latent_search import fits_about_as_well, search_latent
from gan_lesson.metrics import load_classifier
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.super_resolution import shrink


def four_pixels(x):
    return shrink(x, 2)


def test_answers_fit_lie_on_the_sphere_and_come_best_first():
    G, x = load_digits_generator(), load_digits().test.images[:1]
    found = search_latent(G, four_pixels, four_pixels(x), n_starts=8, n_steps=60)
    assert found.images.shape == (8, 1, 28, 28)
    assert found.z.norm(dim=1).numpy() == pytest.approx([math.sqrt(64)] * 8)
    assert np.all(np.diff(found.misfit) >= 0)
    gap = (four_pixels(G(found.z)) - four_pixels(x)).square().mean(dim=(1, 2, 3)).sqrt()
    assert found.misfit == pytest.approx(gap.numpy(), abs=1e-6)
    before = search_latent(G, four_pixels, four_pixels(x), n_starts=8, n_steps=1)
    assert found.misfit[0] < 0.02 < before.misfit.mean() / 2
    again = search_latent(G, four_pixels, four_pixels(x), n_starts=8, n_steps=60)
    assert torch.equal(found.images, again.images)


def test_four_pixels_are_fitted_by_many_digits_and_49_by_few():
    G, classifier = load_digits_generator(), load_classifier()
    x = load_digits().test.images[::400]

    def classes(size):
        n = []
        for one in x.split(1):
            found = search_latent(G, lambda a: shrink(a, size), shrink(one, size), n_steps=100)
            fits = torch.from_numpy(fits_about_as_well(found.misfit))
            n.append(len(classifier(found.images[fits]).argmax(dim=1).unique()))
        return np.mean(n)

    assert classes(2) > 4 > 2.5 > classes(7)


def test_what_fits_about_as_well_is_a_matter_of_two_thresholds():
    misfit = np.array([0.001, 0.009, 0.011])
    assert fits_about_as_well(misfit).tolist() == [True, True, False]
    assert fits_about_as_well(10 * misfit).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("target", "settings", "words"),
    [
        (torch.zeros(2, 1, 2, 2), {}, "target has shape"),
        (torch.zeros(1, 1, 4, 4), {}, "target has shape"),
        (torch.zeros(1, 1, 2, 2), {"n_starts": 0}, "n_starts is 0"),
        (torch.zeros(1, 1, 2, 2), {"n_steps": 0}, "n_steps is 0"),
        (torch.zeros(1, 1, 2, 2), {"lr": -1.0}, "lr is -1.0"),
    ],
)
def test_what_makes_no_sense_is_refused(target, settings, words):
    with pytest.raises(ValueError, match=words):
        search_latent(load_digits_generator(), four_pixels, target, **settings)

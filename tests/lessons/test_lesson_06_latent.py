"""Lesson 06, the space of the noise: lengths, walks, coordinates and directions are as it says."""

import copy
import math

import numpy as np
import pytest
import torch
from lesson_text import LessonText
from scipy import stats
from shipped_digits import shown, trained_generator

from gan_lesson import latent_space
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_space import direction, fixed_z, on_line, on_sphere, share_shorter
from gan_lesson.lessons.lesson_06 import descriptions, latent
from gan_lesson.lessons.lesson_06 import exercises as lesson_06
from gan_lesson.lessons.lesson_06.figures import lengths_figure
from gan_lesson.lessons.lesson_06.latent import (
    LatentCoordinate,
    LatentSlice,
    LatentWalk,
    one_z_of_each_digit,
)
from gan_lesson.metrics import (
    class_shares,
    digit_distance,
    frechet,
    frechet_distance_from_statistics,
    load_classifier,
    mnist_statistics,
    nearest_training_images,
)

LESSON = LessonText("06_digits")
IMAGES = load_digits().train.images


@pytest.fixture(scope="module")
def trained():
    """The shipped generator with the lesson's 10,000 z, images and features."""
    return trained_generator()


# --- what the lesson says -------------------------------------------------------------------------


def test_lengths_of_z(trained):
    _, z, _, _ = trained
    length = z.norm(dim=1)
    assert length.mean() == pytest.approx(8, abs=0.06)
    assert length.std() == pytest.approx(math.sqrt(0.5), abs=0.02)
    half_way = ((z[:5000] + z[5000:]) / 2).norm(dim=1)
    assert half_way.mean() == pytest.approx(8 / math.sqrt(2), abs=0.06)
    assert (half_way > length.quantile(0.05)).float().mean() < 0.02
    lengths = {"z": length.numpy()}
    assert f"{length.mean():.2f}" in descriptions.describe_lengths(lengths)
    lengths_figure(lengths).canvas.draw()


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
    assert 7 < distance["line"] / distance["sphere"] < 8
    assert distance["sphere"] < 1.15 * own
    some = {"any z": trained[2][:2000], "half way": G(middle[:2000])}
    shares = {name: class_shares(x) for name, x in some.items()}
    assert some["half way"].mean() < some["any z"].mean()  # paler, and fewer black pixels
    black = {name: (x > 0.8).float().mean() for name, x in some.items()}
    assert black["half way"] < 0.8 * black["any z"]
    assert shares["half way"].argsort()[-2:].tolist() == [8, 9]
    assert shares["half way"][8:].sum() > 1.7 * shares["any z"][8:].sum()


def test_a_doubled_z_and_a_halved_first_layer_draw_the_same_images(trained):
    G, z = trained[0], trained[1][:500]
    halved = copy.deepcopy(G)
    with torch.no_grad():
        halved.net[0].weight /= 2
    assert torch.equal(halved(2 * z), G(z))
    assert not torch.allclose(G(2 * z), G(z), atol=0.1)  # neither change alone
    fresh, halved = copy.deepcopy(G).train(), halved.train()  # and with the batch's statistics
    assert torch.equal(halved(2 * z), fresh(z))


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
    steps = (ten + t * heavier / heavier.norm() for t in (-3.0, 0.0, 3.0))
    less, _, more = (G(lesson_06.TO_SPHERE.reference(place)) for place in steps)
    assert (less.mean(dim=(1, 2, 3)) < more.mean(dim=(1, 2, 3))).all()
    thin, thick = (load_classifier()(x).argmax(dim=1).tolist() for x in (less, more))
    assert thin == [6, 1, 2, 3, 4, 5, 6, 7, 8, 4]  # two of the ten are read otherwise
    assert thick == [0, 1, 2, 3, 9, 5, 6, 7, 0, 9]
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


# --- the explorers -------------------------------------------------------------------------------


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
    for i in range(60):
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
    for i in range(60):
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
    for i in range(60):
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

"""Lesson 12's mathematics, and what it says of the nets that ship (10 s)."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText, lock_and_reveal
from scipy.stats import kstest, truncnorm

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.lesson_12 import questions
from gan_lesson.lessons.lesson_12.narrower import (
    WAYS,
    cut_of,
    cut_off,
    narrower,
    sd_of_cut,
)
from gan_lesson.lessons.lesson_12.recorded import load_generators, load_scores
from gan_lesson.metrics import load_classifier
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.style import adain, mean_w, modulated_conv, style_pair, truncate

LESSON = LessonText("12_style")


@pytest.fixture(scope="module")
def nets():
    return load_generators()


@pytest.fixture(scope="module")
def lesson(nets):
    """What the lesson writes out."""
    return LESSON.define(
        "StyledLayer", "mapping", "first_maps", "layers", "to_image", "synthesis",
        "modulated_conv", "classifier", "count", nets=nets, adain=adain,
        load_classifier=load_classifier,
    )  # fmt: skip


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- what the lesson writes out is the package's -------------------------------------------------


@torch.no_grad()
def test_the_lessons_generator_is_the_packages(lesson):
    G = style_pair("linear", seed=3)[0]
    lesson["mapping"].load_state_dict(G.net.state_dict())
    state = {k.replace("0.layer.linear", "0.layer.0"): v for k, v in G.layers.state_dict().items()}
    lesson["layers"].load_state_dict(state)
    lesson["to_image"].load_state_dict(G.to_image.state_dict())
    for layer in (*lesson["layers"], *G.layers):
        torch.nn.init.constant_(layer.strength, 0.2)
    z = G.sample_z(4, torch.Generator().manual_seed(0))
    maps = G.noise(z).split([49, 49, 196], dim=1)
    noise = [one.view(4, 1, size, size) for one, size in zip(maps, G.sizes, strict=True)]
    w = lesson["mapping"](z[:, :64])
    assert torch.allclose(lesson["synthesis"]([w] * 3, noise), G(z), atol=1e-5)


def test_the_lessons_adain_truncation_and_modulation_are_the_packages(lesson):
    x, y_s, y_b = random(4, 6, 7, 7), random(4, 6, seed=1), random(4, 6, seed=2)
    ours = LESSON.taught("adain")
    assert torch.allclose(ours(x, y_s, y_b), adain(x, y_s, y_b), atol=1e-6)
    w, mean = random(5, 64), random(64, seed=1)
    assert torch.allclose(LESSON.taught("truncate")(w, mean, 0.3), truncate(w, mean, 0.3))
    weight = random(8, 6, 3, 3, seed=3)
    assert torch.allclose(
        lesson["modulated_conv"](x, weight, y_s), modulated_conv(x, weight, y_s), atol=1e-6
    )


def test_what_pytorchs_default_sd_and_a_batch_do_to_adain():
    x, y_s, y_b = random(4, 6, 7, 7), torch.ones(4, 6).double(), torch.zeros(4, 6).double()
    default = (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True)
    ratio = default / adain(x, y_s, y_b)
    assert torch.allclose(ratio, torch.tensor(np.sqrt(48 / 49)), atol=1e-6)
    assert "√(48/49) on 49 places" in LESSON.text

    def of_batch(x):
        return (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True, correction=0)

    other = torch.cat([x[:1], 3 * x[1:]])
    assert not torch.allclose(of_batch(x)[0], of_batch(other)[0], atol=0.1)
    assert torch.allclose(adain(x, y_s, y_b)[0], adain(other, y_s, y_b)[0])


# --- section 3: what the swapped nets show -------------------------------------------------------


def read(images):
    return load_classifier()(images).argmax(dim=1)


@pytest.mark.parametrize("start", ["linear", "constant"])
def test_the_lessons_count_comes_near_to_the_table(nets, lesson, start):
    assert "the shares differ a little from those of section 3" in LESSON.text
    for swapped, styles in (({1}, "BAA"), ({3}, "AAB")):
        scores = load_scores()[start, styles, 1.0, 1.0]
        found = [float(share) for share in lesson["count"](nets[start], swapped)]
        assert found == pytest.approx([scores.changed, scores.side], abs=0.05)


@torch.no_grad()
@pytest.mark.parametrize("start", ["linear", "constant"])
def test_noise_decides_hardly_any_digit_and_narrower_w_change_fewer(nets, start):
    assert "fewer than two digits in 100 are read otherwise" in LESSON.text
    G = nets[start]
    z = G.sample_z(1000, torch.Generator().manual_seed(1))
    w, noise = G.mapping(z), G.noise(z)
    with_noise, without = (read(G.synthesis([w] * 3, part)) for part in (noise, 0 * noise))
    assert (with_noise != without).float().mean() < 0.02
    half, whole = (load_scores()[start, "AAB", psi, 1.0].changed for psi in (0.5, 1.0))
    assert half < 0.8 * whole
    if start == "constant":
        told = f"layer 3 changes {100 * half:.0f} digits of 100, and not {100 * whole:.0f}."
        first = [load_scores()[start, "BAA", psi, 1.0].changed for psi in (0.5, 1.0)]
        assert {f"{100 * share:.0f}" for share in first} == {"80"}
        assert f"{told} Swapping layer 1 changes 80, as before." in LESSON.text


# --- section 4: three things called truncation ---------------------------------------------------


@pytest.mark.parametrize("tau", [0.005, 0.3, 1.0, 2.0, 6.0])
def test_a_cut_off_normal_number_has_scipys_moments(tau):
    law = truncnorm(-tau, tau)
    assert sd_of_cut(tau) == pytest.approx(float(law.std()), rel=1e-4)
    if sd_of_cut(tau) >= 0.01:
        assert cut_of(sd_of_cut(tau)) == pytest.approx(tau, rel=1e-3)
        z = cut_off(random(4000), tau)
        assert z.abs().max() <= tau
        assert kstest(z.numpy(), law.cdf).pvalue > 0.01


def test_a_cut_that_makes_no_sense_is_refused():
    for call, words in (
        (lambda: sd_of_cut(0), "tau"),
        (lambda: cut_of(1.5), "sd is 1.5"),
        (lambda: narrower(load_digits_generator(), random(1, 64), "thinner", 0.5), "way"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_what_the_text_says_of_a_cut_at_one():
    assert sd_of_cut(1) == pytest.approx(0.54, abs=0.005)
    assert sd_of_cut(1) ** 2 == pytest.approx(0.29, abs=0.005)


@pytest.mark.parametrize("psi", [0.2, 0.6, 1.0])
def test_the_three_ways_leave_the_same_sd(nets, psi):
    z = random(20_000)
    assert (psi * z).std() == pytest.approx(psi, rel=0.02)
    assert cut_off(z, cut_of(psi)).std() == pytest.approx(psi, rel=0.02)
    G = nets["linear"]
    w = G.mapping(G.sample_z(2000, torch.Generator().manual_seed(1)))
    assert truncate(w, mean_w(G), psi).std(dim=0) == pytest.approx(psi * w.std(dim=0), rel=1e-3)


def test_nothing_is_narrower_at_one_and_noise_stays(nets):
    for G in (load_digits_generator(), *nets.values()):
        z = G.sample_z(5, torch.Generator().manual_seed(0))
        for way in WAYS[: 3 if hasattr(G, "n_latent") else 2]:
            mean = mean_w(G) if hasattr(G, "n_latent") else None
            assert torch.allclose(narrower(G, z, way, 1.0, mean), G(z), atol=1e-5)
            assert not torch.allclose(narrower(G, z, way, 0.5, mean), G(z), atol=1e-2)


# --- w is not unique -----------------------------------------------------------------------------


def test_the_turned_net_of_the_lesson_draws_the_same_images(nets):
    names = LESSON.run(LESSON.cell_with("turned = copy.deepcopy(G)"), nets=nets)
    z = names["G"].sample_z(20, torch.Generator().manual_seed(9))
    assert torch.allclose(names["turned"](z), names["G"](z), atol=1e-9)
    assert not torch.allclose(names["turned"].mapping(z), names["G"].mapping(z), atol=0.1)


def test_each_row_along_ink_ends_in_another_digit_than_it_begins_with(nets):
    assert "here each row ends in another digit than it begins with" in LESSON.text
    names = LESSON.run(
        LESSON.cell_with("walks = ["), nets=nets, plots=plots, tensor_to_images=tensor_to_images,
        show_figure=lambda *_: None,
    )  # fmt: skip
    walks = names["walks"]
    assert (read(walks[0]) != read(walks[-1])).all()
    assert "In these six rows ink grows at each step." in LESSON.text
    assert (torch.stack(walks).mean(dim=(2, 3, 4)).diff(dim=0) > 0).all()


# --- the predictions, and the published numbers --------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_five_times, questions.FORGOTTEN),
        (questions.ask_which_layer, questions.FIRST),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth


def test_what_the_text_says_of_the_published_table_follows_from_it():
    rows = [line.split("|")[1:4] for line in LESSON.text.splitlines() if line.startswith("| ")]
    table = {name.strip(): (float(a), float(b)) for name, a, b in rows[-5:]}
    assert table["+ noise"] == (5.06, 4.42) and table["+ mixing regularisation"] == (5.17, 4.40)
    assert table["+ mapping and styles"] == (5.34, 4.85)
    assert table["+ constant start"] == (5.07, 4.88)

"""Conditional GANs: pairs, a generator that is asked, a discriminator whose heads labels choose."""

import copy

import numpy as np
import pytest
import torch
from small_runs import same_history, same_weights

from gan_lesson.conditional import conditional_pair, images_of, join
from gan_lesson.data import load_digits
from gan_lesson.losses import r1_penalty
from gan_lesson.recipes import conditional_trainer

DIGITS = load_digits().train
X, Y = DIGITS.images[:200], DIGITS.labels[:200]


def test_a_pair_holds_its_image_and_its_label():
    pairs = join(X, Y)
    assert pairs.shape == (200, 794)
    assert torch.equal(images_of(pairs), X) and torch.equal(pairs[:, 784:].argmax(dim=1), Y)
    assert torch.equal(pairs[:, 784:].sum(dim=1), torch.ones(200))


def test_a_generator_hands_on_what_it_was_asked_for():
    G, _ = conditional_pair(seed=3)
    asked = torch.tensor([7, 0, 9])
    z = G.asked(asked, torch.Generator().manual_seed(0))
    assert z.shape == (3, 74)
    pairs = G.eval()(z)
    assert torch.equal(pairs[:, 784:].argmax(dim=1), asked)
    drawn = G.draw(asked, torch.Generator().manual_seed(0))
    assert torch.equal(drawn, images_of(pairs)) and drawn.abs().max() <= 1
    assert not torch.equal(G.draw(torch.tensor([7]), torch.Generator().manual_seed(0)), drawn[1:2])


def test_to_draw_from_a_generator_that_trains_changes_nothing_in_it():
    G, _ = conditional_pair(seed=3)
    before = copy.deepcopy(G.train().state_dict())
    assert G.draw(torch.tensor([7])).shape == (1, 1, 28, 28) and G.training
    assert all(torch.equal(value, before[name]) for name, value in G.state_dict().items())


def test_labels_are_drawn_evenly():
    G, _ = conditional_pair()
    z = G.sample_z(20_000, torch.Generator().manual_seed(0))
    shares = z[:, 64:].mean(dim=0).numpy()
    assert shares == pytest.approx(np.full(10, 0.1), abs=0.01)
    assert z[:, :64].mean() == pytest.approx(0, abs=0.01)
    assert z[:, :64].std() == pytest.approx(1, abs=0.01)


def test_the_label_chooses_the_head():
    _, D = conditional_pair(seed=1)
    heads = D.net(X.flatten(1))
    logits = D.logits(join(X, Y))
    assert torch.allclose(logits[:, 0], heads[torch.arange(200), Y], atol=1e-6)
    _, blind = conditional_pair(seed=1, d_sees_labels=False)
    other = (Y + 3) % 10
    assert torch.equal(blind.logits(join(X, Y)), blind.logits(join(X, other)))
    assert not torch.equal(D.logits(join(X, Y)), D.logits(join(X, other)))


def test_a_penalty_is_about_pixels_and_not_about_labels():
    _, D = conditional_pair()
    pairs = join(X, Y).requires_grad_()
    (slope,) = torch.autograd.grad(D.logits(pairs).sum(), pairs)
    assert slope[:, :784].abs().sum() > 0 and slope[:, 784:].abs().sum() == 0
    x = X.clone().requires_grad_()
    of_images = r1_penalty(D.logits(join(x, Y)), x).item()
    assert r1_penalty(D.logits(pairs), pairs).item() == pytest.approx(of_images, rel=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: join(X, Y[:3]), "labels has shape"),
        (lambda: join(X, Y.float()), "integers from 0 to 9"),
        (lambda: join(X[:1], torch.tensor([10])), "integers from 0 to 9"),
        (lambda: join(X[:, :, 1:], Y), "x has shape"),
        (lambda: images_of(X.flatten(1)), "pairs has shape"),
        (lambda: conditional_pair()[0].draw(torch.tensor([-1])), "integers from 0 to 9"),
        (lambda: conditional_pair()[0](torch.zeros(2, 64)), "z has shape"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_weights_are_those_of_the_seed_and_nothing_else_is_drawn():
    before = torch.get_rng_state()
    one, other = conditional_pair(seed=5), conditional_pair(seed=5)
    assert torch.equal(before, torch.get_rng_state())
    for mine, its in zip(one, other, strict=True):
        assert same_weights(mine, its)
    assert not same_weights(one[0], conditional_pair(seed=6)[0])


def test_a_run_can_be_rewound_and_repeated_bit_for_bit():
    trainer = conditional_trainer(X, Y, n_steps=100)
    trainer.burst(3)
    trainer.snapshot()
    twin = trainer.branch()
    trainer.burst(4)
    twin.burst(4)
    assert same_history(trainer, twin) and same_weights(trainer.G, twin.G)
    kept = copy.deepcopy(trainer.G_ema)
    trainer.rewind(3)
    trainer.burst(4)
    assert same_weights(trainer.G_ema, kept)

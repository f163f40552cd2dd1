"""Exercises of lesson 05: the two steps, and two loops to repair."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import turns
from gan_lesson.data import two_bumps
from gan_lesson.lessons.kit.watched import Watched
from gan_lesson.networks import small_pair

DATA = two_bumps((-1.5, 1.5), sd=0.6)

# --- the two steps -----------------------------------------------------------------------------


def update_discriminator(D, G, optimizer_d, x_real, z):
    """Move D one step and return its loss: the package's step, as the lesson writes it."""
    return turns.update_discriminator_quickly(D, G, optimizer_d, x_real, z)[2]


def update_generator(D, G, optimizer_g, z):
    """Move G one step and return its loss: the package's step, as the lesson writes it."""
    return turns.update_generator(D, G, optimizer_g, z)


def _weights(net) -> np.ndarray:
    return np.concatenate([p.detach().numpy().ravel() for p in net.parameters()])


def _a_game(seed: int):
    """Return G, D with used gradients, a real batch and noise, for one seed."""
    G, D = small_pair(sample_dim=1, latent_dim=1, width=8, seed=seed)
    rng = torch.Generator().manual_seed(seed)
    for p in (*G.parameters(), *D.parameters()):
        p.grad = torch.randn(p.shape, generator=rng)  # what an earlier turn left behind
    return G, D, DATA.sample(16, rng), G.sample_z(16, rng)


def _see_step_d(step: Callable, seed: int):
    """Return what a step of D does: its loss, D's weights afterwards, G's weights."""
    G, D, x_real, z = _a_game(seed)
    loss = step(D, G, torch.optim.SGD(D.parameters(), lr=0.5), x_real, z)
    return (loss if loss is None or loss is ... else float(loss), _weights(D), _weights(G))


def _see_step_g(step: Callable, seed: int):
    """Return what a step of G does: its loss, G's weights afterwards, D's weights."""
    G, D, _, z = _a_game(seed)
    loss = step(D, G, torch.optim.SGD(G.parameters(), lr=0.5), z)
    return (loss if loss is None or loss is ... else float(loss), _weights(G), _weights(D))


def _see_loop(loop: Callable, seed: int):
    """Return both players' weights after three turns of a whole loop."""
    G, D, _, _ = _a_game(seed)
    if loop(G, D, DATA, 3, torch.Generator().manual_seed(seed)) is ...:
        return ...
    return _weights(G), _weights(D)


def _d_with(on_real: Callable, on_fake: Callable, x_of_z: Callable | None = None) -> Callable:
    """Return a step of D whose loss has two given halves, functions of D and a batch."""

    def step(D, G, optimizer_d, x_real, z):
        x_fake = x_of_z(G, z) if x_of_z else G(z).detach()
        loss = on_real(D, x_real) + on_fake(D, x_fake)
        optimizer_d.zero_grad()
        loss.backward()
        optimizer_d.step()
        return loss.detach()

    return step


def _labelled(y: float) -> Callable:
    def half(D, x):
        logits = D.logits(x)
        return bce(logits, torch.full_like(logits, y))

    return half


def _as_probability(y: float) -> Callable:
    return lambda D, x: bce(D(x), torch.full_like(x, y))


def _detached(D, x):
    logits = D.logits(x).detach()
    return bce(logits, torch.zeros_like(logits))


def _nothing(D, x):
    return torch.zeros(())


STEP_D = Watched(
    "update_discriminator",
    reference=update_discriminator,
    cases=[(0,), (1,)],
    mistakes=[
        (
            _d_with(_labelled(1.0), _labelled(1.0)),
            "You gave generated samples label 1. That is G's wish; D is told the truth, 0.",
        ),
        (
            _d_with(_labelled(0.0), _labelled(1.0)),
            "The labels are swapped: real samples have label 1, generated ones 0.",
        ),
        (
            _d_with(_labelled(1.0), _detached),
            "You detached D's answer. Then D learns nothing from generated samples; detach G(z).",
        ),
        (
            _d_with(_labelled(1.0), _nothing),
            "The half of the generated samples is missing.",
        ),
        (
            _d_with(_labelled(1.0), lambda D, x: -_labelled(0.0)(D, x)),
            "The sign: both halves are costs, so they add.",
        ),
        (
            _d_with(lambda D, x: _labelled(1.0)(D, x) / 2, lambda D, x: _labelled(0.0)(D, x) / 2),
            "That is the mean of the two halves; in this course the loss is their sum.",
        ),
        (
            _d_with(_labelled(1.0), _as_probability(0.0)),
            "This BCE wants logits. D(x) is a probability; D.logits(x) is the logit.",
        ),
        (
            _d_with(_labelled(1.0), _labelled(0.0), lambda G, z: z),
            "D was shown the noise z itself. Generated samples are G(z).",
        ),
    ],
    hints=(
        "Noise goes through G, the way back is closed; then label 0 for what came out.",
        "x_fake is G(z) with detach(); the second half is built as the first, with zeros_like.",
    ),
    tolerance=1e-5,
    see=_see_step_d,
    parts=("loss", "D's weights", "G's weights"),
)


def _g_with(loss_of: Callable, before=lambda optimizer: optimizer.zero_grad()) -> Callable:
    """Return a step of G whose loss is a given function of D, G and z."""

    def step(D, G, optimizer_g, z):
        loss = loss_of(D, G, z)
        before(optimizer_g)
        loss.backward()
        optimizer_g.step()
        return loss.detach()

    return step


STEP_G = Watched(
    "update_generator",
    reference=update_generator,
    cases=[(0,), (1,)],
    mistakes=[
        (
            _g_with(lambda D, G, z: _labelled(0.0)(D, G(z))),
            "With label 0, G learns to be found out. In G's step its samples get label 1.",
        ),
        (
            _g_with(lambda D, G, z: _labelled(1.0)(D, G(z).detach())),
            "G does not move: detach() closes the way back through D to G. Here it must be open.",
        ),
        (
            _g_with(lambda D, G, z: -_labelled(0.0)(D, G(z))),
            "That is the saturating loss. It keeps label 0 and turns the sign; turn the label.",
        ),
        (
            _g_with(lambda D, G, z: -_labelled(1.0)(D, G(z))),
            "The label is flipped and the sign too. Flip one of the two.",
        ),
        (
            _g_with(lambda D, G, z: bce(D(G(z)), torch.ones_like(z))),
            "This BCE wants logits. D(x) is a probability; D.logits(x) is the logit.",
        ),
        (
            _g_with(lambda D, G, z: _labelled(1.0)(D, z)),
            "D judged the noise z itself, so G had no part in it. Generated samples are G(z).",
        ),
    ],
    hints=(
        "Which samples does D judge here, and what does G wish that D answers?",
        "Logits of D on G(z), nothing detached; then ones_like.",
    ),
    tolerance=1e-5,
    see=_see_step_g,
    parts=("loss", "G's weights", "D's weights"),
)

# --- two loops to repair -----------------------------------------------------------------------


def whole_loop(G, D, data, n_turns, rng):
    """Train G and D for some turns, in place: the loop that both repairs must agree with."""
    optimizer_d = torch.optim.SGD(D.parameters(), lr=0.3)
    optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
    for _ in range(n_turns):
        update_discriminator(D, G, optimizer_d, data.sample(64, rng), G.sample_z(64, rng))
        update_generator(D, G, optimizer_g, G.sample_z(64, rng))


def _loop(
    shared: bool = False,
    detach_d: bool = True,
    detach_g: bool = False,
    label_g: float = 1.0,
    fresh: bool = True,
) -> Callable:
    """Return a loop with some of its lines changed, for the mistakes of the two repairs."""

    def loop(G, D, data, n_turns, rng):
        own_d = [*D.parameters(), *(G.parameters() if shared else ())]
        optimizer_d = torch.optim.SGD(own_d, lr=0.3)
        optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
        for _ in range(n_turns):
            x_real, z = data.sample(64, rng), G.sample_z(64, rng)
            x_fake = G(z).detach() if detach_d else G(z)
            loss_d = _labelled(1.0)(D, x_real) + _labelled(0.0)(D, x_fake)
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()
            z = G.sample_z(64, rng) if fresh else z
            x_fake = G(z).detach() if detach_g else G(z)
            loss_g = _labelled(label_g)(D, x_fake)
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()

    return loop


_NOT_REPAIRED = (
    "Not repaired yet: {name} does what it did. From here on the lesson uses gan_lesson's own "
    "loop. Change a line, then run both cells again."
)

HELPFUL_FORGER = Watched(
    "helpful_forger",
    reference=whole_loop,
    cases=[(0,), (1,)],
    broken=_loop(shared=True, detach_d=False),
    as_it_came=_NOT_REPAIRED,
    mistakes=[
        (
            _loop(detach_d=True, detach_g=True),
            "Now G never moves: in G's own step the way back must stay open.",
        ),
        (
            _loop(shared=True, detach_d=False, label_g=0.0),
            "G's label was right. Look at D's step: which weights does its optimiser move?",
        ),
    ],
    hints=(
        "Print G's weights before and after D's step.",
        "Two repairs are right: give optimizer_d D's weights only, or detach x_fake for D.",
    ),
    tolerance=1e-5,
    see=_see_loop,
    parts=("G's weights", "D's weights"),
)

FROZEN_FORGER = Watched(
    "frozen_forger",
    reference=whole_loop,
    cases=[(0,), (1,)],
    broken=_loop(detach_g=True),
    as_it_came=_NOT_REPAIRED,
    mistakes=[
        (
            _loop(fresh=False),
            "G moves again, but on the noise of D's step. It works as well; this loop draws "
            "fresh noise.",
        ),
        (
            _loop(shared=True, detach_d=False, detach_g=True),
            "G moves now, but in D's step, and in D's favour. Its own step still stands still.",
        ),
        (
            _loop(label_g=0.0),
            "The way to G is open now, but its samples need label 1 in its own step.",
        ),
    ],
    hints=(
        "Which weights hold a gradient after loss_g.backward()?",
        "detach() belongs to D's step only.",
    ),
    tolerance=1e-5,
    see=_see_loop,
    parts=("G's weights", "D's weights"),
)


def check_update_discriminator(answer):
    """Check one step of D by the weights it leaves; return what to use."""
    checked = STEP_D.check(answer)
    if checked is answer:
        G, D, x_real, z = _a_game(2)
        before = [p.grad.clone() for p in G.parameters()]
        answer(D, G, torch.optim.SGD(D.parameters(), lr=0.5), x_real, z)
        same = [torch.equal(a, p.grad) for a, p in zip(before, G.parameters(), strict=True)]
        if not all(same):
            print("But it also sent a gradient to G, for nothing. Where is detach()?")
    return checked


check_update_generator = STEP_G.check
check_helpful_forger = HELPFUL_FORGER.check
check_frozen_forger = FROZEN_FORGER.check

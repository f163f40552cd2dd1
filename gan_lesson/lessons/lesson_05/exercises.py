"""Exercises of lesson 05: the two steps, and two loops to repair."""

import itertools
from collections.abc import Callable
from types import SimpleNamespace

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


def _asking(*nets) -> np.ndarray:
    """Return which parameters ask for gradients: a step must not leave a player switched off."""
    return np.array([p.requires_grad for net in nets for p in net.parameters()])


def _a_game(seed: int, used: bool = True):
    """Return G, D, a real batch and noise, as large as the lesson's, for one seed.

    Used networks hold gradients that an earlier turn left behind. Weights are twice those of a
    new network, so that a mean of losses is not the loss of a mean.
    """
    G, D = small_pair(sample_dim=1, latent_dim=1, width=8, seed=seed)
    with torch.no_grad():
        for p in (*G.parameters(), *D.parameters()):
            p *= 2 if p.ndim > 1 else 1
    rng = torch.Generator().manual_seed(seed)
    for p in (*G.parameters(), *D.parameters()) if used else ():
        p.grad = torch.randn(p.shape, generator=rng)
    return G, D, DATA.sample(128, rng), G.sample_z(128, rng)


def _number(loss):
    """Return a step's loss as a plain number; of a stub, the ... or None that it returns."""
    if loss is None or loss is ...:
        return loss
    return float(loss.detach() if isinstance(loss, torch.Tensor) else loss)


def _optimizer(net, seed: int) -> torch.optim.Optimizer:
    """Return an optimiser that differs from case to case: a step by hand is right in one at most.

    Not Adam, whose first step is the sign of a gradient: rounding turns that of a tiny one.
    """
    return torch.optim.SGD(net.parameters(), lr=(0.5, 0.3, 0.2)[seed], weight_decay=0.1 * seed)


def _see_step_d(step: Callable, seed: int):
    """Return what a step of D does: its loss, D's weights, G's weights, who asks for gradients."""
    G, D, x_real, z = _a_game(seed, used=seed < 2)
    with torch.enable_grad():  # whatever an answer leaves switched off
        loss = step(D, G, _optimizer(D, seed), x_real, z)
    return _number(loss), _weights(D), _weights(G), _asking(D, G)


def _see_step_g(step: Callable, seed: int):
    """Return what a step of G does: its loss, G's weights, D's weights, who asks for gradients."""
    G, D, _, z = _a_game(seed, used=seed < 2)
    with torch.enable_grad():
        loss = step(D, G, _optimizer(G, seed), z)
    return _number(loss), _weights(G), _weights(D), _asking(D, G)


def _see_loop(loop: Callable, seed: int):
    """Return both players' weights after a few turns of a whole loop.

    Each turn has a real batch of its own. Each draw of z gives the same: whether x or z is drawn
    first, and whether G's step draws anew, makes no difference to a learner, so it makes none here.
    """
    G, D, x_real, z = _a_game(seed, used=False)
    G.sample_z = lambda n, generator=None: z[:n]
    turns_begun = itertools.count()
    data = SimpleNamespace(sample=lambda n, generator=None: x_real.roll(-next(turns_begun), 0)[:n])
    with torch.enable_grad():
        if loop(G, D, data, 3 + seed, torch.Generator().manual_seed(seed)) is ...:
            return ...
    return _weights(G), _weights(D)


def _d_with(
    on_real: Callable,
    on_fake: Callable,
    x_of_z: Callable = lambda G, z: G(z).detach(),
    forget: Callable = lambda optimizer: optimizer.zero_grad(),
) -> Callable:
    """Return a step of D whose loss has two given halves, functions of D and a batch."""

    def step(D, G, optimizer_d, x_real, z):
        loss = on_real(D, x_real) + on_fake(D, x_of_z(G, z))
        forget(optimizer_d)
        loss.backward()
        optimizer_d.step()
        return loss.detach()

    return step


def _labelled(y: float, factor: float = 1.0, reduction: str = "mean") -> Callable:
    def half(D, x):
        logits = D.logits(x)
        return factor * bce(logits, torch.full_like(logits, y), reduction=reduction)

    return half


def _as_probability(y: float) -> Callable:
    return lambda D, x: bce(D(x), torch.full_like(x, y))


def _detached(D, x):
    logits = D.logits(x).detach()
    return bce(logits, torch.zeros_like(logits))


def _nothing(D, x):
    return torch.zeros(())


def _switched_off(G, z):
    for p in G.parameters():
        p.requires_grad_(False)
    return G(z)


_REAL, _FAKE = _labelled(1.0), _labelled(0.0)
_PARTS = "its loss", "{}'s weights", "{}'s weights", "which parameters ask for gradients"
_LOGITS_PLEASE = "This BCE takes logits. D(x) is a probability, and D.logits(x) is the logit."
_OLD_GRADIENTS = (
    "Old gradients were added to the new ones, because zero_grad does not stand before backward."
)

STEP_D = Watched(
    "update_discriminator",
    reference=update_discriminator,
    cases=[(0,), (1,), (2,)],
    mistakes=[
        (
            _d_with(_REAL, _REAL),
            "You gave generated samples label 1. That is what G wants. D is told the truth, "
            "and the truth is 0.",
        ),
        (
            _d_with(_FAKE, _REAL),
            "The labels are swapped. Real samples have label 1, generated samples have label 0.",
        ),
        (
            _d_with(_REAL, _detached),
            "You detached D's answer, so D learns nothing from generated samples. Detach the "
            "samples instead.",
        ),
        (_d_with(_REAL, _nothing), "The half of the generated samples is missing in the loss."),
        (
            _d_with(_REAL, _labelled(0.0, factor=-1)),
            "The sign of one half is wrong. Both halves are costs, so they are added.",
        ),
        (
            _d_with(_labelled(1.0, factor=0.5), _labelled(0.0, factor=0.5)),
            "That is the mean of the two halves. In this course D's loss is their sum.",
        ),
        (
            _d_with(_REAL, _labelled(0.0, reduction="sum")),
            "That half is a sum over the batch. Each half is a mean over its batch.",
        ),
        (_d_with(_REAL, _as_probability(0.0)), _LOGITS_PLEASE),
        (
            _d_with(_REAL, _FAKE, lambda G, z: z),
            "D was shown the noise z itself. Generated samples are what G makes of z.",
        ),
        (_d_with(_REAL, _FAKE, forget=lambda optimizer: None), _OLD_GRADIENTS),
        (
            _d_with(_REAL, _FAKE, _switched_off),
            "G's parameters no longer ask for gradients, so G's own step could not move them. "
            "Switch requires_grad on again at the end.",
        ),
    ],
    hints=(
        "Send the noise through G and close the way back. Which label has what comes out?",
        "The samples are G(z), then detach(). Their half of the loss is built as the half of "
        "the real samples, with zeros_like.",
    ),
    tolerance=1e-5,
    see=_see_step_d,
    parts=[part.format(player) for part, player in zip(_PARTS, ("", "D", "G", ""), strict=True)],
)


def _g_with(
    loss_of: Callable, forget: Callable = lambda optimizer: optimizer.zero_grad()
) -> Callable:
    """Return a step of G whose loss is a given function of D, G and z."""

    def step(D, G, optimizer_g, z):
        loss = loss_of(D, G, z)
        forget(optimizer_g)
        loss.backward()
        optimizer_g.step()
        return loss.detach()

    return step


STEP_G = Watched(
    "update_generator",
    reference=update_generator,
    cases=[(0,), (1,), (2,)],
    mistakes=[
        (
            _g_with(lambda D, G, z: _FAKE(D, G(z))),
            "With label 0, G learns to be found out. In G's step its samples get label 1.",
        ),
        (
            _g_with(lambda D, G, z: _REAL(D, G(z).detach())),
            "G does not move, because detach() closes the way back through D to G. In G's step "
            "this way must be open.",
        ),
        (
            _g_with(lambda D, G, z: -_FAKE(D, G(z))),
            "That is the saturating loss, which keeps label 0 and turns the sign. Here the sign "
            "stays and the label changes.",
        ),
        (
            _g_with(lambda D, G, z: -_REAL(D, G(z))),
            "You changed the label and the sign. Change the label alone.",
        ),
        (_g_with(lambda D, G, z: bce(D(G(z)), torch.ones_like(z))), _LOGITS_PLEASE),
        (
            _g_with(lambda D, G, z: _labelled(1.0, reduction="sum")(D, G(z))),
            "That is a sum over the batch. The loss is a mean over the batch.",
        ),
        (
            _g_with(lambda D, G, z: _REAL(D, z)),
            "D judged the noise z itself, so G had no part in it. Generated samples are what G "
            "makes of z.",
        ),
        (_g_with(lambda D, G, z: _REAL(D, G(z)), lambda optimizer: None), _OLD_GRADIENTS),
    ],
    hints=(
        "Which samples does D judge here, and which answer does G want from D?",
        "Take D's logits of what G makes of z, and detach nothing. Then build the loss with "
        "ones_like.",
    ),
    tolerance=1e-5,
    see=_see_step_g,
    parts=[part.format(player) for part, player in zip(_PARTS, ("", "G", "D", ""), strict=True)],
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
    detach_answer: bool = False,
    detach_g: bool = False,
    label_g: float = 1.0,
) -> Callable:
    """Return a loop with some of its lines changed, for the mistakes of the two repairs."""

    def loop(G, D, data, n_turns, rng):
        own_d = [*D.parameters(), *(G.parameters() if shared else ())]
        optimizer_d = torch.optim.SGD(own_d, lr=0.3)
        optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
        on_fake = _detached if detach_answer else _FAKE
        for _ in range(n_turns):
            x_real, z = data.sample(64, rng), G.sample_z(64, rng)
            loss_d = _REAL(D, x_real) + on_fake(D, G(z).detach() if detach_d else G(z))
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()
            x_fake = G(G.sample_z(64, rng))
            loss_g = _labelled(label_g)(D, x_fake.detach() if detach_g else x_fake)
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
            _loop(shared=True, detach_g=True),
            "G never moves now. In G's own step the way back to G must stay open.",
        ),
        (
            _loop(shared=True, detach_d=False, label_g=0.0),
            "G's label was right. Look at D's step: which weights does its optimiser move?",
        ),
        (
            _loop(shared=True, detach_answer=True),
            "You detached D's answer, so D learns nothing from generated samples.",
        ),
    ],
    hints=(
        "Print a weight of G before and after D's step.",
        "Two repairs are right: give optimizer_d the parameters of D alone, or detach x_fake for "
        "D.",
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
            _loop(shared=True, detach_d=False, detach_g=True),
            "G moves now, but it moves in D's step, and there it helps D. In its own step G "
            "still stands still.",
        ),
        (
            _loop(label_g=0.0),
            "The way to G is open now, but in G's own step its samples need label 1.",
        ),
        (
            _loop(detach_g=True, detach_answer=True),
            "You detached D's answer, so D learns nothing from generated samples. G still stands "
            "still.",
        ),
    ],
    hints=(
        "Which weights hold a gradient after loss_g.backward()?",
        "D's step needs detach(), and G's step does not.",
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
        pairs = zip(before, (p.grad for p in G.parameters()), strict=True)
        if not all(now is None or torch.equal(old, now) for old, now in pairs):
            print("But it also sent a gradient to G, and nobody uses it. Where is detach()?")
    return checked


check_update_generator = STEP_G.check
check_helpful_forger = HELPFUL_FORGER.check
check_frozen_forger = FROZEN_FORGER.check

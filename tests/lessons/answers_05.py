"""Right and wrong answers to lesson 05's exercises, in the styles in which learners write."""

import torch

from gan_lesson.data import two_bumps
from gan_lesson.lessons.lesson_05 import exercises
from gan_lesson.lessons.lesson_05.loop import loop_run
from gan_lesson.networks import small_pair

DATA = two_bumps((-1.5, 1.5), sd=0.6)


def with_lines(template, *changes):
    """The template, and then with each set of changes, pairs (old line, new line), once each."""
    found = []
    for change in changes:
        source = template
        for old, new in change.items():
            assert source.count(old) == 1, (source.count(old), old)
            source = source.replace(old, new)
        found.append(source)
    return found


# --- the discriminator's step ------------------------------------------------------------------

MAKE = "x_fake = G(z).detach()"
SCORE = "logits_real, logits_fake = D.logits(x_real), D.logits(x_fake)"
HALF_REAL = "loss_real = bce(logits_real, torch.ones_like(logits_real))"
HALF_FAKE = "loss_fake = bce(logits_fake, torch.zeros_like(logits_fake))"
SUM = "loss_d = loss_real + loss_fake"
FORGET = "optimizer_d.zero_grad()"
MOVE = "optimizer_d.step()"
GIVE = "return loss_d.detach()"
STEP_D = f"""
def update_discriminator(D, G, optimizer_d, x_real, z):
    {MAKE}
    {SCORE}
    {HALF_REAL}
    {HALF_FAKE}
    {SUM}
    {FORGET}
    loss_d.backward()
    {MOVE}
    {GIVE}
"""

OF_D_RIGHT = [
    *with_lines(
        STEP_D,
        {},
        {MAKE: "x_fake = G(z)"},  # right, and told where detach is
        {MAKE: "with torch.no_grad():\n        x_fake = G(z)"},
        {MAKE: "x_fake = G(z).data"},
        {MAKE: "x_fake = G.forward(z).clone().detach()"},
        {MAKE: "x_fake = torch.from_numpy(G(z).detach().numpy())"},
        {HALF_FAKE: "loss_fake = bce(logits_fake, torch.zeros(128, 1))"},
        {HALF_FAKE: "loss_fake = bce(logits_fake, 0 * logits_fake.detach())"},
        {HALF_FAKE: "loss_fake = bce(input=logits_fake, target=torch.full_like(logits_fake, 0.0))"},
        {HALF_FAKE: "loss_fake = torch.nn.BCEWithLogitsLoss()(logits_fake, torch.zeros(128, 1))"},
        {HALF_FAKE: "loss_fake = torch.nn.functional.softplus(logits_fake).mean()"},
        {HALF_FAKE: "loss_fake = -torch.log(1 - D(x_fake)).mean()"},
        {HALF_FAKE: "loss_fake = -torch.nn.functional.logsigmoid(-logits_fake).mean()"},
        {HALF_FAKE: "loss_fake = (1 + logits_fake.exp()).log().mean()"},
        {HALF_FAKE: "loss_fake = sum(bce(s, 0 * s) for s in logits_fake) / len(logits_fake)"},
        {
            HALF_FAKE: "loss_fake = torch.nn.functional.binary_cross_entropy("
            "torch.sigmoid(logits_fake), torch.zeros_like(logits_fake))"
        },
        {FORGET: "D.zero_grad()"},
        {FORGET: "G.zero_grad(), D.zero_grad()"},
        {FORGET: "for p in D.parameters():\n        p.grad = None"},
        {GIVE: "return loss_d"},
        {GIVE: "return loss_d.item()"},
        {GIVE: "return float(loss_d.detach())"},
    ),
    """
def update_discriminator(D, G, optimizer_d, x_real, z):
    optimizer_d.zero_grad(set_to_none=True)
    logits = D.logits(torch.cat([x_real, G(z).detach()]))
    labels = torch.cat([torch.ones(len(x_real), 1), torch.zeros(len(z), 1)])
    loss_d = 2 * bce(logits, labels)
    loss_d.backward()
    optimizer_d.step()
    return loss_d.detach()
""",
    """
def update_discriminator(judge, forger, optimizer, real, noise):
    fake = forger(noise).detach()
    optimizer.zero_grad()
    losses = [bce(judge(x, as_logits=True), torch.full((len(x), 1), y))
              for x, y in ((real, 1.0), (fake, 0.0))]
    for loss in losses:
        loss.backward()
    optimizer.step()
    return sum(losses).detach()
""",
    """
def update_discriminator(D, G, optimizer_d, x_real, z):
    G.requires_grad_(False)
    loss_d = bce(D.logits(x_real), torch.ones(128, 1)) + bce(D.logits(G(z)), torch.zeros(128, 1))
    optimizer_d.zero_grad()
    loss_d.backward()
    optimizer_d.step()
    G.requires_grad_(True)
    return loss_d.detach()
""",
]

OF_D_WRONG = with_lines(
    STEP_D,
    {HALF_FAKE: "loss_fake = bce(logits_fake, torch.ones_like(logits_fake))"},
    {HALF_FAKE: "loss_fake = bce(logits_fake.detach(), torch.zeros_like(logits_fake))"},
    {HALF_FAKE: "loss_fake = -bce(logits_fake, torch.zeros_like(logits_fake))"},
    {HALF_FAKE: "loss_fake = bce(D(x_fake), torch.zeros_like(logits_fake))"},
    {HALF_FAKE: "loss_fake = bce(logits_real, torch.zeros_like(logits_real))"},
    {HALF_FAKE: "loss_fake = bce(logits_fake, torch.full_like(logits_fake, 0.1))"},
    {HALF_FAKE: "loss_fake = bce(logits_fake, torch.zeros_like(logits_fake), reduction='sum')"},
    {HALF_FAKE: "loss_fake = D(x_fake).mean()"},
    {FORGET: "for p in D.parameters():\n        p.grad.zero_()"},
    {MOVE: "for p in D.parameters():\n        p.data -= 0.5 * p.grad"},
    {HALF_FAKE: "loss_fake = 0.0"},
    {HALF_FAKE: "loss_fake = torch.log(1 - D(x_fake)).mean()"},
    {MAKE: "x_fake = z"},
    {MAKE: "x_fake = G(torch.randn_like(z)).detach()"},
    {MAKE: "x_fake = x_real"},
    {SUM: "loss_d = (loss_real + loss_fake) / 2"},
    {SUM: "loss_d = loss_real - loss_fake"},
    {SUM: "loss_d = loss_real * loss_fake"},
    {FORGET: "pass"},
    {FORGET: "G.zero_grad()"},
    {MOVE: "pass"},
    {MOVE: "optimizer_d.step()\n    optimizer_d.step()"},
    {MOVE: "optimizer_d.zero_grad()\n    optimizer_d.step()"},
    {GIVE: "return -loss_d.detach()"},
    {GIVE: "return loss_real, loss_fake"},
    {MAKE: "G.requires_grad_(False)\n    x_fake = G(z)"},  # G could never move again
    {MOVE: "optimizer_d.step()\n    for p in G.parameters():\n        p.data -= 0.1"},
)

# --- the generator's step ----------------------------------------------------------------------

SCORE_G = "logits_fake = D.logits(G(z))"
LOSS_G = "loss_g = bce(logits_fake, torch.ones_like(logits_fake))"
FORGET_G = "optimizer_g.zero_grad()"
MOVE_G = "optimizer_g.step()"
GIVE_G = "return loss_g.detach()"
STEP_G = f"""
from torch.nn.functional import binary_cross_entropy_with_logits as bce

def update_generator(D, G, optimizer_g, z):
    {SCORE_G}
    {LOSS_G}
    {FORGET_G}
    loss_g.backward()
    {MOVE_G}
    {GIVE_G}
"""

OF_G_RIGHT = [
    *with_lines(
        STEP_G,
        {},
        {SCORE_G: "x_fake = G(z)\n    logits_fake = D.logits(x_fake)"},
        {SCORE_G: "logits_fake = D(G(z), as_logits=True)"},
        {SCORE_G: "logits_fake = D.logits(x=G.forward(z))"},
        {LOSS_G: "loss_g = bce(logits_fake, torch.ones(128, 1))"},
        {LOSS_G: "loss_g = bce(logits_fake, torch.full((len(z), 1), 1.0))"},
        {LOSS_G: "loss_g = bce(input=logits_fake, target=torch.zeros_like(logits_fake) + 1)"},
        {LOSS_G: "loss_g = torch.nn.functional.softplus(-logits_fake).mean()"},
        {LOSS_G: "loss_g = -torch.nn.functional.logsigmoid(logits_fake).mean()"},
        {LOSS_G: "loss_g = -torch.log(D(G(z))).mean()"},
        {LOSS_G: "loss_g = -torch.sigmoid(logits_fake).log().sum() / len(logits_fake)"},
        {LOSS_G: "loss_g = torch.stack([bce(s, torch.ones(1)) for s in logits_fake]).mean()"},
        {LOSS_G: "loss_g = torch.nn.BCEWithLogitsLoss()(logits_fake, torch.ones_like(z))"},
        {LOSS_G: "loss_g = torch.log1p(torch.exp(-logits_fake)).mean()"},
        {FORGET_G: "G.zero_grad()"},
        {FORGET_G: "D.zero_grad(), G.zero_grad()"},
        {GIVE_G: "return loss_g"},
        {GIVE_G: "return loss_g.item()"},
    ),
    """
from torch.nn.functional import binary_cross_entropy_with_logits as bce

def update_generator(critic, maker, its_optimizer, noise):
    its_optimizer.zero_grad()
    loss = bce(critic.logits(maker(noise)), torch.ones(noise.shape))
    loss.backward()
    its_optimizer.step()
    return loss.detach()
""",
    """
from torch.nn.functional import binary_cross_entropy_with_logits as bce

def update_generator(D, G, optimizer_g, z):
    D.requires_grad_(False)
    loss_g = bce(D.logits(G(z)), torch.ones_like(z))
    optimizer_g.zero_grad()
    loss_g.backward()
    optimizer_g.step()
    D.requires_grad_(True)
    return loss_g.detach()
""",
]

OF_G_WRONG = with_lines(
    STEP_G,
    {SCORE_G: "logits_fake = D.logits(G(z).detach())"},
    {SCORE_G: "logits_fake = D.logits(G(z)).detach()"},
    {SCORE_G: "logits_fake = D.logits(z)"},
    {SCORE_G: "logits_fake = D(G(z))"},
    {SCORE_G: "logits_fake = D.logits(G(torch.randn_like(z)))"},
    {LOSS_G: "loss_g = bce(logits_fake, torch.zeros_like(logits_fake))"},
    {LOSS_G: "loss_g = -bce(logits_fake, torch.zeros_like(logits_fake))"},
    {LOSS_G: "loss_g = -bce(logits_fake, torch.ones_like(logits_fake))"},
    {LOSS_G: "loss_g = bce(logits_fake, torch.ones_like(logits_fake), reduction='sum')"},
    {LOSS_G: "loss_g = bce(logits_fake, torch.full_like(logits_fake, 0.9))"},
    {LOSS_G: "loss_g = -logits_fake.mean()"},
    {FORGET_G: "for p in G.parameters():\n        p.grad.zero_()"},
    {MOVE_G: "for p in G.parameters():\n        p.data -= 0.5 * p.grad"},
    {LOSS_G: "loss_g = -D(G(z)).mean()"},
    {LOSS_G: "loss_g = 2 * bce(logits_fake, torch.ones_like(logits_fake))"},
    {FORGET_G: "pass"},
    {FORGET_G: "D.zero_grad()"},
    {MOVE_G: "optimizer_g.step()\n    optimizer_g.step()"},
    {MOVE_G: "for p in D.parameters():\n        p.data -= 0.5 * p.grad\n    optimizer_g.step()"},
    {FORGET_G: "D.requires_grad_(False)\n    optimizer_g.zero_grad()"},  # D could not move again
)

# --- two loops to repair -----------------------------------------------------------------------

OPTIMIZERS = """optimizer_d = torch.optim.SGD(D.parameters(), lr=0.3)
    optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)"""
DRAW = "x_real, x_fake = data.sample(64, rng), G(G.sample_z(64, rng)).detach()"
LOSS_D = "loss_d = bce(logits_real, torch.ones_like(logits_real))"
PLUS = "loss_d = loss_d + bce(logits_fake, torch.zeros_like(logits_fake))"
STEP = "optimizer_d.step()"
NEW = "x_fake = G(G.sample_z(64, rng))"
JUDGE = "logits_fake = D.logits(x_fake)"
LOOP = f"""
def NAME(G, D, data, n_turns, rng):
    {OPTIMIZERS}
    for _ in range(n_turns):
        {DRAW}
        {SCORE}
        {LOSS_D}
        {PLUS}
        {FORGET}
        loss_d.backward()
        {STEP}
        {NEW}
        {JUDGE}
        {LOSS_G}
        {FORGET_G}
        loss_g.backward()
        {MOVE_G}
"""
SHARED = "torch.optim.SGD([*D.parameters(), *G.parameters()], lr=0.3)"
BOTH_MOVE = {"torch.optim.SGD(D.parameters(), lr=0.3)": SHARED}
OPEN = {DRAW: "x_real, x_fake = data.sample(64, rng), G(G.sample_z(64, rng))"}
ANYHOW = [
    {},
    {DRAW: "x_fake, x_real = G(G.sample_z(64, rng)).detach(), data.sample(64, rng)"},
    {
        DRAW: "z = G.sample_z(64, rng)\n        x_real = data.sample(64, rng)\n"
        "        x_fake = G(z).detach()",
        NEW: "x_fake = G(z)",  # the noise of D's step once more: it works as well
    },
    {
        DRAW: "with torch.no_grad():\n            x_fake = G(G.sample_z(64, rng))\n"
        "        x_real = data.sample(64, rng)"
    },
    {
        DRAW: "x_real, x_fake = data.sample(64), G(G.sample_z(64)).data",
        NEW: "x_fake = G(G.sample_z(64))",
    },
    {LOSS_D: "loss_d = torch.nn.functional.softplus(-logits_real).mean()"},
    {LOSS_G: "loss_g = -torch.nn.functional.logsigmoid(logits_fake).mean()"},
    {FORGET: "D.zero_grad()", FORGET_G: "G.zero_grad()"},
    {FORGET: "optimizer_d.zero_grad(), optimizer_g.zero_grad()"},
    {NEW: "z = G.sample_z(n=64, generator=rng)\n        x_fake = G(z)"},
    {MOVE_G: "optimizer_g.step()\n    return G, D"},
    {STEP: "optimizer_d.step()\n        D.zero_grad()"},
]  # fmt: skip
OF_BOTH_WRONG = [
    {NEW: "x_fake = G(G.sample_z(64, rng))\n        x_real = x_fake", LOSS_G: "loss_g = bce("
     "logits_fake, torch.zeros_like(logits_fake))"},
    {LOSS_G: "loss_g = bce(logits_fake, torch.zeros_like(logits_fake))"},
    {LOSS_G: "loss_g = -bce(logits_fake, torch.zeros_like(logits_fake))"},
    {SCORE: "logits_real, logits_fake = D.logits(x_real), D.logits(x_fake).detach()"},
    {PLUS: "loss_d = loss_d + bce(logits_fake, torch.ones_like(logits_fake))"},
    {FORGET: "pass"},
    {FORGET_G: "pass"},
    {STEP: "pass"},
    {OPTIMIZERS: "optimizer_d = torch.optim.SGD(D.parameters(), lr=0.3)\n"
     "    optimizer_g = torch.optim.SGD([*G.parameters(), *D.parameters()], lr=0.1)"},
    {LOSS_D: "loss_d = 0.0"},
]  # fmt: skip


def named(name, sources):
    return [source.replace("NAME", name) for source in sources]


HELPFUL_RIGHT = [
    *with_lines(LOOP, *ANYHOW),
    *with_lines(
        LOOP,
        BOTH_MOVE,  # D's optimiser still holds G's parameters, but the samples are detached
        OPEN,  # the samples are not detached, but each optimiser holds one player's parameters
        {**OPEN, STEP: "optimizer_d.step()\n        optimizer_g.zero_grad()"},
        {**BOTH_MOVE, **OPEN, STEP: "G.zero_grad()\n        optimizer_d.step()"},
        {**BOTH_MOVE, **OPEN, SCORE: SCORE.replace("(x_fake)", "(x_fake.detach())")},
    ),
]  # fmt: skip
HELPFUL_WRONG = [
    *with_lines(LOOP, *OF_BOTH_WRONG),
    *with_lines(
        LOOP,
        {**BOTH_MOVE, NEW: "x_fake = G(G.sample_z(64, rng)).detach()"},
        {**BOTH_MOVE, **OPEN, LOSS_G: "loss_g = bce(logits_fake, torch.zeros_like(logits_fake))"},
        {**BOTH_MOVE, **OPEN, FORGET: "optimizer_g.zero_grad()"},
    ),
]
FROZEN_RIGHT = [
    *with_lines(LOOP, *ANYHOW),
    *with_lines(
        LOOP,
        {NEW: "x_fake = G(G.sample_z(64, rng)).clone()"},
        {NEW: "pass", JUDGE: "logits_fake = D.logits(G(G.sample_z(64, rng)))"},
        OPEN,
    ),
]
FROZEN_WRONG = [
    *with_lines(LOOP, *OF_BOTH_WRONG),
    *with_lines(
        LOOP,
        {**BOTH_MOVE, **OPEN, NEW: "x_fake = G(G.sample_z(64, rng)).detach()"},
        {MOVE_G: "optimizer_g.step()\n        optimizer_g.step()"},
        {NEW: "x_fake = G(G.sample_z(64, rng)).detach().requires_grad_()", STEP: "pass"},
    ),
]

RIGHT = {
    "update_discriminator": OF_D_RIGHT,
    "update_generator": OF_G_RIGHT,
    "helpful_forger": named("helpful_forger", HELPFUL_RIGHT),
    "frozen_forger": named("frozen_forger", FROZEN_RIGHT),
}
WRONG = {
    "update_discriminator": OF_D_WRONG,
    "update_generator": OF_G_WRONG,
    "helpful_forger": named("helpful_forger", HELPFUL_WRONG),
    "frozen_forger": named("frozen_forger", FROZEN_WRONG),
}

# --- what the rest of the lesson does with an answer -------------------------------------------


def drives(step_d=exercises.update_discriminator, step_g=exercises.update_generator):
    """The player's run, each player alone, a twin, and both at once."""
    run = loop_run(step_d, step_g, DATA)
    run.burst(3)
    run.burst(1, players="D")
    run.burst(1, players="G")
    twin = run.branch()
    twin.simultaneous = True
    twin.burst(2)
    assert twin.history["loss_d"].max() < 3 and twin.history["loss_g"].max() < 3


def trains(loop):
    """The repaired loop, for some turns: both players move."""
    G, D = small_pair(sample_dim=1, latent_dim=1)
    before = [p.detach().clone() for p in (*G.parameters(), *D.parameters())]
    loop(G, D, DATA, 5, torch.Generator().manual_seed(0))
    pairs = zip(before, (*G.parameters(), *D.parameters()), strict=True)
    assert not any(torch.equal(old, new) for old, new in pairs)


GOES_ON = {
    "update_discriminator": drives,
    "update_generator": lambda step_g: drives(step_g=step_g),
    "helpful_forger": trains,
    "frozen_forger": trains,
}

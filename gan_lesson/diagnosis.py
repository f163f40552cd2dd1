"""What a run's curves, gradients and samples say: a field kit for anybody's GAN.

    report = diagnose(history, samples=x_fake, real=x_real, D=D, G=G)
    print(report)                  # ranked findings, with evidence and the next test
    report.name, report.certainty  # "healthy", .97

Only the history is needed; whatever else is given makes it surer. Every sign is a number
between 0 (absent) and 1 (plain), made by a pair of thresholds in `THRESHOLDS`. They were tuned
on the ring and on 1-D bumps, frozen, and judged on moons, digits and Fashion-MNIST (lesson 10).
The signs of the optimisers came later, when digits had been seen, and are judged separately.
"""

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.functional import softplus

HEALTHY = "healthy"

# sign: (value at which it is absent, value at which it is plain)
THRESHOLDS = {
    "loss_contradicts": (0.3, 1.5),  # nats that D's loss lies below its bound
    "reversed": (0.1, 0.5),  # D(G(z)) - D(x)
    "separated": (0.6, 0.9),  # D(x) - D(G(z))
    "scores_squashed": (0.06, 0.03),  # nats between the losses and those of a second sigmoid
    "backlog": (12.0, 25.0),  # stored gradient over a fresh one
    "large_weights": (4.0, 7.0),  # over the size that PyTorch starts with
    "starved": (0.05, 0.01),  # sigma(s) of generated samples, the factor of G's gradient
    "few_places": (0.45, 0.3),  # occupied cells, generated over real
    "far": (4.0, 8.0),  # distance from the data, in distances between real samples
    "out_of_range": (3.0, 10.0),  # span of real samples over the largest generated number
    "large_steps": (0.5, 1.0),  # first step of an optimiser, in sizes that weights start with
}

NEXT_TESTS = {
    HEALTHY: "Train a fresh D on these samples: if it separates them, your D was lazy.",
    "shared optimiser": "Compare G's weights before and after D's step: they must be equal.",
    "swapped labels": "Print the label that real samples get in D's step: it must be 1.",
    "sigmoid twice": "Print D's output before the loss: a loss 'with logits' needs values below 0.",
    "no zero_grad": "Print the gradient's norm of one layer in each turn: it must not add up.",
    "D too strong": "Print the norm of G's gradient, then flip the label (non-saturating loss).",
    "learning rate": "Divide both learning rates by 10 and look at the first 100 turns.",
    "mode collapse": "Draw 1,000 samples and count them at each mode or class.",
    "data range": "Print the least and the largest number of a real and of a generated batch.",
}


@dataclass(frozen=True)
class Finding:
    """One possible diagnosis.

    Attributes:
        name: "healthy" or the name of a fault.
        certainty: from 0 to 1; all findings of a report add up to 1.
        evidence: what was seen that speaks for it, with numbers.
        next_test: what to do to be surer.
    """

    name: str
    certainty: float
    evidence: tuple[str, ...]
    next_test: str


@dataclass(frozen=True)
class Diagnosis:
    """Findings, the likeliest first; `print` shows those above 5 %."""

    findings: tuple[Finding, ...]
    signs: Mapping[str, float]

    @property
    def name(self) -> str:
        """The likeliest finding."""
        return self.findings[0].name

    @property
    def certainty(self) -> float:
        """How sure it is of the likeliest finding, from 0 to 1."""
        return self.findings[0].certainty

    def __str__(self) -> str:
        lines = []
        for finding in self.findings:
            if finding is self.findings[0] or finding.certainty >= 0.05:
                name = "looks healthy" if finding.name == HEALTHY else finding.name
                lines.append(f"{finding.certainty:4.0%}  {name}")
                lines += [f"      sees: {text}" for text in finding.evidence]
                lines.append(f"      next: {finding.next_test}")
        return "\n".join(lines)


def diagnose(
    history,
    *,
    samples: Tensor | ArrayLike | None = None,
    real: Tensor | ArrayLike | None = None,
    D: Callable | None = None,
    G: nn.Module | None = None,
    d_output: str = "logit",
    optimizer_d: torch.optim.Optimizer | None = None,
    optimizer_g: torch.optim.Optimizer | None = None,
) -> Diagnosis:
    """Say what a run's curves, samples and gradients look like, and how surely.

    Args:
        history: a `History`, or any mapping with columns "d_real", "d_fake", "loss_d" and
            "loss_g", 20 rows or more; its last half is read. Without attributes `losses` and
            `generator_loss` it is taken as sums, and as non-saturating unless a G loss is
            below 0.
        samples: generated samples, shape (n, ...), n >= 20.
        real: real samples as D gets them, same shape but for n, n >= 20.
        D: any callable from samples to one number each; a `gan_lesson` Discriminator is asked
            for logits. If it is a module, its stored gradients and weights are looked at.
        G: the generator, a module; likewise.
        d_output: what another D returns, "logit" or "probability".
        optimizer_d: D's optimiser; with G too, it is asked whether it holds G's parameters.
        optimizer_g: G's optimiser; of both it is computed how far a first step would go.

    Returns:
        Nine findings, ranked. No argument is changed.

    Raises:
        ValueError: `d_output` is unknown or contradicted by what D returns, the history is too
            short or holds what no probability can be, or samples do not fit.
    """
    if d_output not in ("logit", "probability"):
        raise ValueError(f"d_output is {d_output!r}; it must be 'logit' or 'probability'")
    curves = _curves(history)
    signs, told = _signs_of_curves(curves)
    x_fake, x_real = _as_samples("samples", samples), _as_samples("real", real)
    if x_fake is not None and x_real is not None:
        x_real = x_real.to(x_fake.device)
        if x_fake.shape[1:] != x_real.shape[1:]:
            raise ValueError(
                f"samples have shape {tuple(x_fake.shape[1:])} each, real ones "
                f"{tuple(x_real.shape[1:])}; they must agree"
            )
        _look_at_samples(signs, told, x_fake, x_real)
    if D is not None:
        _ask_d(signs, told, curves, D, d_output, x_fake, x_real)
    for name, net in (("D", D), ("G", G)):
        if isinstance(net, nn.Module):
            _look_at_weights(signs, told, name, net)
    if isinstance(D, nn.Module) and isinstance(G, nn.Module) and x_real is not None:
        _look_at_gradients(signs, told, D, G, d_output, x_real)
    _look_at_optimisers(signs, told, G, {"D": optimizer_d, "G": optimizer_g})
    return _rank(signs, told)


# --- the curves -------------------------------------------------------------------------------


def _curves(history) -> dict:
    """Return the last half of each column, as float64, with D's loss as a sum."""
    columns = {n: np.asarray(history[n], dtype=float) for n in _COLUMNS}
    lengths = {len(c) for c in columns.values()}
    if len(lengths) > 1 or min(lengths) < 20:
        raise ValueError(f"history has columns of {sorted(lengths)} rows; it needs 20 or more")
    for name in ("d_real", "d_fake"):
        finite = columns[name][np.isfinite(columns[name])]
        if finite.size and not 0 <= finite.min() <= finite.max() <= 1:
            raise ValueError(
                f"{name} reaches from {finite.min():g} to {finite.max():g}; it must be a "
                "probability. For logits, append torch.sigmoid of them"
            )
    half = {name: column[len(column) // 2 :] for name, column in columns.items()}
    half["all_d"] = np.concatenate([columns["d_real"], columns["d_fake"]])
    if getattr(history, "losses", "sum") == "mean":
        half["loss_d"] = 2 * half["loss_d"]
    kind = getattr(history, "generator_loss", None)
    half["saturating"] = kind == "saturating" or (kind is None and half["loss_g"].min() < 0)
    half["finite"] = all(np.isfinite(half[n]).all() for n in _COLUMNS)
    return half


_COLUMNS = ("d_real", "d_fake", "loss_d", "loss_g")


def _sign(name: str, value: float) -> float:
    """Return how plainly a sign is there, from 0 to 1; NaN counts as absent."""
    absent, plain = THRESHOLDS[name]
    place = (value - absent) / (plain - absent)
    return float(min(1.0, max(0.0, place))) if math.isfinite(place) else 0.0


def _signs_of_curves(curves: dict) -> tuple[dict, dict]:
    d_real, d_fake, loss_d, loss_g = (float(np.nanmedian(curves[n])) for n in _COLUMNS)
    tiny = 1e-7
    bound = -math.log(max(d_real, tiny)) - math.log(max(1 - d_fake, tiny))
    squashed = abs(loss_d - _softplus(-d_real) - _softplus(d_fake))
    of_g = _softplus(d_fake) if curves["saturating"] else -_softplus(-d_fake)
    squashed = max(squashed, abs(loss_g + of_g))
    all_d = curves["all_d"]
    never_leaves = all_d.min() >= 0.4999 and 0.52 <= all_d.max() <= 0.7312
    signs = {
        "loss_contradicts": _sign("loss_contradicts", bound - loss_d),
        "reversed": _sign("reversed", d_fake - d_real),
        "separated": _sign("separated", d_real - d_fake),
        "scores_squashed": max(_sign("scores_squashed", squashed), float(never_leaves)),
        "saturating": float(curves["saturating"]),
        "not_finite": float(not curves["finite"]),
        "starved": _sign("starved", d_fake) if curves["saturating"] else 0.0,
    }
    where = f"D(x) = {d_real:.3f}, D(G(z)) = {d_fake:.3f}"
    told = {
        "loss_contradicts": f"{where} allow no D's loss below {bound:.2f}; yours is {loss_d:.3f}",
        "reversed": f"{where}: D takes generated samples for the real ones",
        "separated": f"{where}: D is far ahead",
        "scores_squashed": (
            "D never leaves [.5, .731], the sigmoid of a probability"
            if never_leaves
            else f"{where}, D's loss {loss_d:.3f} and G's {loss_g:.3f}: as if D's probability "
            "had been taken for a logit"
        ),
        "not_finite": "a loss is infinite or NaN",
        "starved": f"the saturating loss pulls with σ(s) = {d_fake:.1e} at generated samples",
        "balanced": f"{where}, D's loss {loss_d:.3f}: neither player is beaten",
    }
    return signs, told


def _softplus(t: float) -> float:
    return float(np.logaddexp(0.0, t))


# --- samples ----------------------------------------------------------------------------------


def _as_samples(name: str, x) -> Tensor | None:
    if x is None:
        return None
    x = torch.as_tensor(x).detach()
    x = x if x.is_floating_point() else x.float()
    if x.ndim < 2 or len(x) < 20:
        raise ValueError(f"{name} has shape {tuple(x.shape)}; it must be (n, ...) with n >= 20")
    if not bool(torch.isfinite(x).all()):
        raise ValueError(f"{name} holds NaN or infinite numbers")
    return x[:1000]


def _look_at_samples(signs: dict, told: dict, x_fake: Tensor, x_real: Tensor) -> None:
    fake, real = x_fake.flatten(1).double(), x_real.flatten(1).double()
    span = float(real.max() - real.min())
    reach = float(fake.abs().max())
    signs["out_of_range"] = _sign("out_of_range", span / max(reach, 1e-9))
    told["out_of_range"] = (
        f"real numbers lie in [{float(real.min()):.3g}, {float(real.max()):.3g}], generated ones "
        f"in [{float(fake.min()):.3g}, {float(fake.max()):.3g}]"
    )
    to_real = torch.cdist(fake, real).min(dim=1).values.median()
    among = torch.cdist(real, real).fill_diagonal_(torch.inf).min(dim=1).values
    far = float(to_real / among.quantile(0.75).clamp(min=1e-9))
    signs["far"] = _sign("far", far)
    told["far"] = f"generated samples are {far:.0f} times as far from real ones as those are"
    places = occupied_places(fake, real)
    signs["few_places"] = _sign("few_places", places)
    told["few_places"] = f"the samples occupy {places:.0%} of the places that real ones do"


def occupied_places(fake: Tensor, real: Tensor, cells: int = 10) -> float:
    """Return how many cells samples occupy, over how many real ones do: about 1 if alike.

    Cells are those of k-means on the real samples, from a fixed start. How many are occupied is
    the exponential of the entropy of their shares: 8 for eight equal shares.

    Args:
        fake: generated samples, shape (n, d).
        real: real samples, shape (m, d).
        cells: number of cells, 1 or more.

    Raises:
        ValueError: `cells` is below 1, or the samples are not of shapes (n, d) and (m, d).
    """
    if cells < 1:
        raise ValueError(f"cells is {cells}; it must be at least 1")
    if fake.ndim != 2 or fake.shape[1:] != real.shape[1:] or not len(fake) or not len(real):
        raise ValueError(
            f"samples have shapes {tuple(fake.shape)} and {tuple(real.shape)}; they must be "
            "(n, d) and (m, d)"
        )
    centres = real[:1].clone()
    for _ in range(cells - 1):  # the farthest sample from all centres so far
        farthest = torch.cdist(real, centres).min(dim=1).values.argmax()
        centres = torch.cat([centres, real[farthest : farthest + 1]])
    for _ in range(10):
        nearest = torch.cdist(real, centres).argmin(dim=1)
        for j in range(cells):
            if bool((nearest == j).any()):
                centres[j] = real[nearest == j].mean(dim=0)
    counts = []
    for x in (fake, real):
        share = torch.bincount(torch.cdist(x, centres).argmin(dim=1), minlength=cells) / len(x)
        counts.append(float(torch.exp(-(share * share.clamp(min=1e-12).log()).sum())))
    return counts[0] / counts[1]


# --- D, weights, gradients --------------------------------------------------------------------


def _ask(D: Callable, x: Tensor, d_output: str) -> Tensor:
    """Return D's answers on x as logits, shape (n, 1), from a `gan_lesson` D or any other."""
    if hasattr(D, "logits"):
        return D.logits(x).reshape(-1, 1)
    answer = torch.as_tensor(D(x)).reshape(len(x), -1)
    if answer.shape[1] != 1:
        raise ValueError(f"D returned {answer.shape[1]} numbers a sample; it must be one")
    return torch.logit(answer, eps=1e-7) if d_output == "probability" else answer


@torch.no_grad()
def _ask_d(signs, told, curves, D, d_output: str, x_fake, x_real) -> None:
    """Compare what D returns with what it is said to return."""
    given = [x for x in (x_real, x_fake) if x is not None]
    if not given:
        return
    twin = copy.deepcopy(D).eval() if isinstance(D, nn.Module) else D
    if hasattr(twin, "logits"):
        return
    answers = torch.cat([torch.as_tensor(twin(x)).float().flatten() for x in given])
    low, high = float(answers.min()), float(answers.max())
    if d_output == "probability" and not 0 <= low <= high <= 1:
        raise ValueError(
            f"d_output is 'probability', but D returned numbers from {low:.3g} to {high:.3g}; "
            "pass d_output='logit'"
        )
    if d_output == "logit" and 0 <= low <= high <= 1:
        end = np.concatenate([curves["d_real"][-20:], curves["d_fake"][-20:]]).mean()
        as_probability, as_logit = answers.mean(), torch.sigmoid(answers).mean()
        if abs(float(as_probability) - end) < abs(float(as_logit) - end):
            raise ValueError(
                f"d_output is 'logit', but D returned numbers from {low:.3g} to {high:.3g}, "
                "whose mean is what the history calls a probability; pass d_output='probability'"
            )


def weight_sizes(net: nn.Module) -> list[float]:
    """Return the size of each layer's weights over that of PyTorch's start, layer by layer.

    A linear layer starts with weights uniform in ±1/√n_in, whose root mean square is 1/√(3 n_in).
    """
    return [
        float(m.weight.detach().square().mean().sqrt()) * math.sqrt(3 * m.weight[0].numel())
        for m in net.modules()
        if isinstance(m, (nn.Linear, nn.Conv2d))
    ]


def _look_at_weights(signs: dict, told: dict, name: str, net: nn.Module) -> None:
    sizes = weight_sizes(net)
    if sizes and _sign("large_weights", max(sizes)) >= signs.get("large_weights", 0.0):
        signs["large_weights"] = _sign("large_weights", max(sizes))
        told["large_weights"] = f"a layer of {name} has weights {max(sizes):.1f} times the usual"


def _weights_of(net: nn.Module) -> list[Tensor]:
    return [p for p in net.parameters() if p.ndim > 1]


def stored_gradients(D: nn.Module, G: nn.Module) -> dict[str, np.ndarray]:
    """Return the norm of the gradient that lies in each layer's weights, by "D" and "G"."""
    return {
        name: np.array([0.0 if p.grad is None else float(p.grad.norm()) for p in _weights_of(net)])
        for name, net in (("D", D), ("G", G))
    }


def fresh_gradients(
    score: Callable, D: nn.Module, G: nn.Module, x_real: Tensor, saturating: bool = False
) -> dict[str, np.ndarray]:
    """Return what one turn's gradients would be: the norm in each layer, mean over 5 batches.

    In D the norms of its own loss and of G's are added, since G's step leaves both there.
    No `.grad` is touched.

    Args:
        score: function from samples to logits of D, shape (n, 1).
        D: discriminator.
        G: generator with `latent_dim`.
        x_real: real samples, shape (n, ...).
        saturating: which loss G has.
    """
    own = torch.Generator().manual_seed(0)
    total = {"D": 0.0, "G": 0.0}
    weights_d, weights_g = _weights_of(D), _weights_of(G)
    for _ in range(5):
        z = torch.randn(min(128, len(x_real)), G.latent_dim, generator=own)
        index = torch.randint(len(x_real), (len(z),), generator=own)
        x_fake = G(z.to(weights_g[0]))
        s_fake = score(x_fake)
        loss_g = -softplus(s_fake).mean() if saturating else softplus(-s_fake).mean()
        of_g = _gradients(loss_g, [*weights_g, *weights_d])
        loss_d = softplus(-score(x_real[index])).mean() + softplus(score(x_fake.detach())).mean()
        of_d = _gradients(loss_d, weights_d)
        total["G"] = total["G"] + of_g[: len(weights_g)] / 5
        total["D"] = total["D"] + (of_g[len(weights_g) :] + of_d) / 5
    return total


def _gradients(loss: Tensor, weights: list[Tensor]) -> np.ndarray:
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return np.array([0.0 if g is None else float(g.norm()) for g in found])


def _look_at_gradients(signs, told, D, G, d_output: str, x_real: Tensor) -> None:
    """Compare the gradients that lie in D and G with those of fresh batches."""
    if not hasattr(G, "latent_dim"):
        return
    own_d, own_g = copy.deepcopy((D, G))  # BatchNorm must not notice that we looked
    for p in (*own_d.parameters(), *own_g.parameters()):
        p.requires_grad_()
    stored = stored_gradients(D, G)
    fresh = fresh_gradients(
        lambda x: _ask(own_d, x, d_output), own_d, own_g, x_real, bool(signs["saturating"])
    )
    ratios = {n: np.linalg.norm(stored[n]) / max(np.linalg.norm(fresh[n]), 1e-6) for n in stored}
    name = max(ratios, key=ratios.get)
    signs["backlog"] = _sign("backlog", ratios[name])
    told["backlog"] = (
        f"the gradient stored in {name} is {ratios[name]:.0f} times that of a fresh batch"
    )


def first_step(optimizer: torch.optim.Optimizer) -> float:
    """Return how far a first step of an optimiser moves a layer, over the size it starts with.

    A copy of the optimiser, its memory emptied, takes one step along the stored gradients. The
    move's root mean square in each layer is compared with 1/√(3 n_in), the size that PyTorch
    gives to new weights; the largest is returned. With Adam it is about lr √(3 n_in).
    """
    twin = copy.deepcopy(optimizer)
    twin.state.clear()
    pairs = [
        (p, q)
        for ours, theirs in zip(optimizer.param_groups, twin.param_groups, strict=True)
        for p, q in zip(ours["params"], theirs["params"], strict=True)
        if p.grad is not None and p.ndim > 1
    ]
    for p, q in pairs:
        q.grad = p.grad.detach().clone()
    twin.step()
    moves = [
        float((q - p).detach().square().mean().sqrt()) * math.sqrt(3 * p[0].numel())
        for p, q in pairs
    ]
    return max(moves, default=0.0)


def _look_at_optimisers(signs: dict, told: dict, G: nn.Module | None, optimizers: dict) -> None:
    given = {name: optimizer for name, optimizer in optimizers.items() if optimizer is not None}
    if "D" in given and isinstance(G, nn.Module):
        of_g = {id(p) for p in G.parameters()}
        held = [p for group in given["D"].param_groups for p in group["params"] if id(p) in of_g]
        signs["d_moves_g"] = float(bool(held))
        told["d_moves_g"] = f"D's optimiser holds {len(held)} of G's parameters: its step moves G"
    if given:
        steps = {name: first_step(optimizer) for name, optimizer in given.items()}
        name = max(steps, key=steps.get)
        signs["large_steps"] = _sign("large_steps", steps[name])
        told["large_steps"] = (
            f"a first step of {name}'s optimiser moves a layer by {steps[name]:.2g} times the size "
            "that weights start with"
        )


# --- from signs to findings -------------------------------------------------------------------

# finding: signs that speak for it (weight), signs that speak against it (negative weight)
WEIGHTS = {
    HEALTHY: {"separated": -3, "far": -2, "few_places": -2, "reversed": -3},
    "shared optimiser": {
        "d_moves_g": 9, "separated": 3, "far": 3, "starved": -5, "out_of_range": -6,
        "large_weights": -3, "backlog": -3,
    },
    "swapped labels": {"loss_contradicts": 3, "reversed": 4, "scores_squashed": -6},
    "sigmoid twice": {"scores_squashed": 8, "reversed": -3},
    "no zero_grad": {"backlog": 9},
    "D too strong": {"separated": 3, "starved": 5, "out_of_range": -6},
    "learning rate": {
        "large_steps": 9, "large_weights": 5, "separated": 1, "far": 1, "not_finite": 3,
        "backlog": -4,
    },
    "mode collapse": {
        "few_places": 7, "separated": -4, "far": -2, "reversed": -4, "scores_squashed": -3,
    },
    "data range": {"out_of_range": 9, "separated": 1},
}  # fmt: skip
HEALTHY_SCORE = 4.0


def _rank(signs: dict, told: dict) -> Diagnosis:
    """Turn signs into certainties: a softmax of weighted sums."""
    scores = {
        name: sum(w * signs.get(sign, 0.0) for sign, w in weights.items())
        for name, weights in WEIGHTS.items()
    }
    scores[HEALTHY] += HEALTHY_SCORE
    top = max(scores.values())
    total = sum(math.exp(s - top) for s in scores.values())
    findings = []
    for name, score in sorted(scores.items(), key=lambda item: -item[1]):
        signs_for = {s for s, w in WEIGHTS.get(name, {}).items() if w > 0}
        evidence = [told[s] for s in told if s in signs_for and signs.get(s, 0.0) > 0.2]
        if name == HEALTHY:
            evidence = [told["balanced"]] if not signs["separated"] else []
        next_test = NEXT_TESTS[name]
        if name == HEALTHY and "few_places" not in signs:
            next_test = "Give samples=… and real=…: a collapsed run can have such curves."
        elif name == HEALTHY and "d_moves_g" not in signs:
            next_test += " Give optimizer_d=… too: with images a shared one can look healthy."
        certainty = math.exp(score - top) / total
        findings.append(Finding(name, certainty, tuple(evidence), next_test))
    return Diagnosis(tuple(findings), dict(signs))

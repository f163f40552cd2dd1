"""Train a patient or take it from the scratch folder, and write down what diagnosis saw of it."""

import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bank.games import Run
from bank.outcomes import label, outcome
from bank.plan import Patient
from gan_lesson.diagnosis import Diagnosis, diagnose
from gan_lesson.history import History

MOST_ROWS = 200
COLUMNS = ("d_real", "d_fake", "loss_d", "loss_g")
N_SHOWN = 1000


def trained(patient: Patient, root: str, scratch: Path) -> tuple[Run, float]:
    """Return a finished run and the seconds it took; the scratch keeps runs."""
    run, start = Run(patient, root), time.perf_counter()
    kept = scratch / f"{patient.number}.pt"
    if kept.exists():
        return run, _load(run, torch.load(kept, weights_only=True))
    run.play()
    seconds = time.perf_counter() - start
    scratch.mkdir(parents=True, exist_ok=True)
    torch.save(_state(run, seconds), kept)
    return run, seconds


def _state(run: Run, seconds: float) -> dict:
    nets = {"G": run.G, "D": run.D}
    rows = np.stack([run.history[name] for name in run.history.columns], axis=1)
    return {
        "weights": {name: net.state_dict() for name, net in nets.items()},
        "gradients": {name: [p.grad for p in net.parameters()] for name, net in nets.items()},
        "rates": [o.param_groups[0]["lr"] for o in (run.optimizer_d, run.optimizer_g)],
        "exploded": run.variant == "rates" and run.fault == "diverged",
        "history": torch.from_numpy(rows),
        "seconds": seconds,
        "patient": list(run.patient),
    }


def _load(run: Run, state: dict) -> float:
    """Bring a run that was made anew to where it ended."""
    if state["patient"] != list(run.patient):
        raise ValueError(f"the scratch folder has another patient {run.patient.number}")
    if state["exploded"]:
        run._explode()
    for name, net in (("G", run.G), ("D", run.D)):
        net.load_state_dict(state["weights"][name])
        for p, gradient in zip(net.parameters(), state["gradients"][name], strict=True):
            p.grad = gradient
    for optimizer, lr in zip((run.optimizer_d, run.optimizer_g), state["rates"], strict=True):
        optimizer.param_groups[0]["lr"] = lr
        if not isinstance(optimizer, torch.optim.SGD):
            _remember(optimizer, run.patient)
    run.history.extend(state["history"].numpy())
    return state["seconds"]


def _remember(optimizer: torch.optim.Optimizer, patient: Patient) -> None:
    """Give an optimiser back how many steps it made; its averages are not kept."""
    made = patient.turns // 10 if patient.fault == "mode collapse" else patient.turns
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                optimizer.state[p]["step"] = torch.tensor(float(made))


def thinned(history: History) -> np.ndarray:
    """Return every k-th row of the four columns, 200 at most, float32, shape (rows, 4).

    They are rounded to 12 bits, so that they pack well: D's answers and losses to 0.02 %.
    """
    step = -(-len(history) // MOST_ROWS)
    rows = np.stack([history[name][step - 1 :: step] for name in COLUMNS], axis=1)
    mantissa, exponent = np.frexp(rows.astype(np.float64))
    return np.ldexp(np.round(mantissa * 4096) / 4096, exponent).astype(np.float32)


def as_history(rows: np.ndarray, loss: str, losses: str, generator_loss: str) -> History:
    """Return a `History` of thinned rows."""
    history = History(losses, generator_loss, loss=loss)
    steps = np.arange(1, len(rows) + 1)
    history.extend(np.column_stack([steps, 0 * steps, rows]))
    return history


@torch.no_grad()
def samples_of(run: Run, n: int = N_SHOWN) -> tuple[Tensor, Tensor]:
    """Return generated and real samples, as somebody would hand them over."""
    own = torch.Generator().manual_seed(1)
    G = copy.deepcopy(run.G).eval() if run.patient.network != "spectral" else run.G
    fake = G(torch.randn(n, run.G.latent_dim, generator=own))
    return fake, run.real(n, torch.Generator().manual_seed(2))


def examined(run: Run, history: History, n: int = N_SHOWN) -> Diagnosis:
    """Return what diagnosis says with everything handed over."""
    fake, real = samples_of(run, n)
    d_output = "probability" if run.fault == "sigmoid twice" else "logit"
    return diagnose(
        history, samples=fake, real=real, D=run.D, G=run.G, d_output=d_output,
        optimizer_d=run.optimizer_d, optimizer_g=run.optimizer_g,
    )  # fmt: skip


def record(patient: Patient, root: str, scratch: Path) -> tuple[dict, np.ndarray]:
    """Return a patient's row, with what each sign of it measured, and its thinned curves."""
    run, seconds = trained(patient, root, scratch)
    rows, conventions = thinned(run.history), (run.history.losses, run.history.generator_loss)
    found = outcome(run)
    report = examined(run, as_history(rows, patient.loss, *conventions))
    row = patient._asdict() | dict(zip(("losses", "generator_loss"), conventions, strict=True))
    row |= {"truth": label(patient.fault, found), "seconds": seconds} | found
    row |= {f"sign:{name}": value for name, value in report.measures.items()}
    return row, rows

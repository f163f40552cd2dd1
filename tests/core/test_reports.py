"""What people with GANs of their own needed to be told: public reports, each re-created small."""

import struct
import time

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from gan_lesson import plots
from gan_lesson.data import load_digits, load_mnist, ring
from gan_lesson.diagnosis import HEALTHY, diagnose
from gan_lesson.history import History
from gan_lesson.live import LiveCurves
from gan_lesson.metrics import digit_distance, mode_scores

FOUR = ("d_real", "d_fake", "loss_d", "loss_g")
EVEN = (0.6, 0.4, 1.1, 0.9)  # a row of a run in which nobody is beaten
DATA = ring(8, 1.0, 0.05)
LATENT_DIM = 8


def history_of(row, n=60, **conventions):
    history = History(**conventions)
    for _ in range(n):
        history.append(**dict(zip(FOUR, row, strict=True)))
    return history


def net(n_in, n_out):
    layers = [nn.Linear(n_in, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(64, n_out))


class Loop:
    """Somebody's own loop on the ring, its networks plain modules."""

    def __init__(self, steps, seed=0, lr_g=1e-3, zero_grad=True, scaled=False):
        torch.manual_seed(seed)
        own = torch.Generator().manual_seed(seed)
        self.D, self.G, self.history = net(2, 1), net(LATENT_DIM, 2), History()
        self.of_d = torch.optim.Adam(self.D.parameters(), 1e-3, betas=(0.5, 0.999))
        self.of_g = torch.optim.Adam(self.G.parameters(), lr_g, betas=(0.5, 0.999))
        scaler = torch.amp.GradScaler("cpu", enabled=scaled)
        for _ in range(steps):
            s_real = self.D(DATA.sample(128, own))
            s_fake = self.D(self.G(torch.randn(128, LATENT_DIM)).detach())
            loss_d = softplus(-s_real).mean() + softplus(s_fake).mean()
            self._descend(scaler, self.of_d, loss_d, zero_grad)
            loss_g = softplus(-self.D(self.G(torch.randn(128, LATENT_DIM)))).mean()
            self._descend(scaler, self.of_g, loss_g, zero_grad)
            scaler.update()
            d_real, d_fake = s_real.sigmoid(), s_fake.sigmoid()
            self.history.append(d_real=d_real, d_fake=d_fake, loss_d=loss_d, loss_g=loss_g)

    def _descend(self, scaler, optimizer, loss, zero_grad):
        if zero_grad:
            optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)

    def diagnose(self, *, n=500, optimizers=False, **changes):
        """Hand over samples and networks; with `optimizers` those too."""
        samples = self.G(torch.randn(n, LATENT_DIM)).detach()
        given = {"samples": samples, "real": DATA.sample(n), "D": self.D, "G": self.G}
        if optimizers:
            given |= {"optimizer_d": self.of_d, "optimizer_g": self.of_g}
        return diagnose(self.history, **(given | changes))


@pytest.fixture(scope="module")
def good():
    return Loop(1200)


@pytest.fixture(scope="module")
def digits():
    return load_digits().train.images[:2000]


# --- numbers that speak for themselves ---------------------------------------------------------


def test_01_a_run_that_is_nan_to_the_end_has_diverged():
    history = history_of(EVEN, 100)
    for _ in range(100):
        history.append(**dict.fromkeys(FOUR, float("nan")))
    report = diagnose(history)
    assert report.name == "diverged" and report.findings[0].rank == "proved"
    assert "from row 101" in str(report)


@pytest.mark.parametrize(
    "row", [(1, 1, 100, 0), (1, 1, 13.82, 0), (0, 0, 100, 100), (1, 1, 1, 0.007)]
)
def test_02_a_d_that_says_the_same_extreme_of_everything_is_blind(row):
    assert diagnose(history_of(row, 100)).name == "D is blind"


def test_04_a_d_that_never_moved_from_one_half_is_not_a_draw():
    history, fake = history_of((0.5, 0.5, np.log(4), np.log(2)), 500), DATA.sample(300) + 0.3
    of_curves = diagnose(history)
    assert of_curves.name == "D does not learn" and "fresh D" in of_curves.findings[0].next_test
    dead = nn.Linear(2, 1)
    for weights in dead.parameters():
        nn.init.zeros_(weights)
    told = diagnose(history, samples=fake, real=DATA.sample(300), D=dead)
    assert told.name == "D does not learn" and told.findings[0].rank == "tested"


def test_06_a_negative_loss_is_no_log_loss_whatever_was_passed_through_a_sigmoid():
    draw, history = torch.Generator().manual_seed(0), History()
    for _ in range(300):
        real, fake = (m + 0.1 * torch.randn(64, generator=draw).abs() for m in (0.3, 0.2))
        loss = {"loss_d": (fake - real).mean(), "loss_g": -fake.mean()}
        history.append(d_real=real.sigmoid(), d_fake=fake.sigmoid(), **loss)
    report = diagnose(history)
    assert report.name == "loss convention unclear"
    assert "no log-loss is below 0" in str(report) and "critic" in str(report)


def test_12_a_mean_taken_for_a_sum_is_asked_about():
    draw, history = np.random.default_rng(0), History()
    for p, q in zip(draw.uniform(0.5, 0.9, 300), draw.uniform(0.1, 0.5, 300), strict=True):
        loss_d = -(np.log(p) + np.log(1 - q)) / 2
        history.append(d_real=p, d_fake=q, loss_d=loss_d, loss_g=-np.log(q))
    assert "History(losses='mean')" in str(diagnose(history))
    history.losses = "mean"
    assert diagnose(history).name == HEALTHY


def test_13_every_family_can_enter_its_numbers_and_its_ideal_state_is_healthy():
    ideal = {
        "least_squares": (0.5, 0.5, 0.25, 0.25),
        "relativistic": (0.05, 0.04, 0.58, 0.92),
        "hinge": (0.1, -0.1, 1.9, 0.1),
        "wasserstein": (31.0, 30.5, -0.5, -30.5),
    }
    for loss, row in ideal.items():
        report = diagnose(history_of(row, 100, loss=loss))
        assert report.name == HEALTHY and "swapped labels" not in str(report), loss


def test_19_a_loss_of_g_that_is_known_in_every_fifth_step_is_no_nan():
    history = History()
    for i in range(500):
        row = {"d_real": 0.55, "d_fake": 0.45, "loss_d": 1.29}
        history.append(**row, loss_g=0.8 if i % 5 == 4 else None)
    report = diagnose(history)
    assert report.name == HEALTHY and "NaN" not in str(report)


def test_25_scores_that_happen_to_lie_between_0_and_1_are_refused_in_the_first_row():
    draw, history = torch.Generator().manual_seed(0), History()
    s = 0.06 + 0.012 * torch.randn(64, generator=draw)
    with pytest.raises(ValueError, match="'wasserstein'"):
        history.append(d_real=s + 0.03, d_fake=s, loss_d=-0.03, loss_g=-s.mean())
    assert len(history) == 0
    drifting = History(loss="wasserstein")
    for i in range(200):
        row = (0.09 - i * 1e-3, 0.06 - i * 1e-3, -0.03, -0.06)
        drifting.append(**dict(zip(FOUR, row, strict=True)))
    assert diagnose(drifting).name == HEALTHY


# --- samples -----------------------------------------------------------------------------------


def test_07_pictures_of_noise_are_far_from_the_data_and_no_collapse(digits):
    noise = torch.rand(300, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    report = diagnose(history_of(EVEN), samples=noise, real=digits[:300])
    assert report.name == "far from the data"
    assert all(f.certainty < 0.1 for f in report.findings if f.name == "mode collapse")


def test_11_reals_that_are_never_below_0_beside_samples_that_are_name_the_range(digits):
    history = history_of((1.0, 1e-6, 1e-5, 13.0), 100)
    report = diagnose(history, samples=digits[1000:1300], real=(digits[:300] + 1) / 2)
    assert report.name == "data range" and report.findings[0].rank == "proved"


def test_22_digits_between_0_and_1_are_refused_and_not_scored(digits):
    assert digit_distance(digits) < 30
    with pytest.raises(ValueError, match="below 0"):
        digit_distance((digits + 1) / 2)


def test_24_large_pictures_are_compared_in_seconds():
    x = torch.rand(100, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    start = time.process_time()
    assert diagnose(history_of(EVEN), samples=x, real=x.flip(0)).findings
    assert time.process_time() - start < 20  # 0.4 here


# --- networks of somebody else -----------------------------------------------------------------


def test_14_a_d_with_spectral_norm_is_examined():
    norm = nn.utils.spectral_norm
    D = nn.Sequential(norm(nn.Linear(2, 16)), nn.ReLU(), norm(nn.Linear(16, 1)))
    x = torch.randn(100, 2)
    D(x).mean().backward()
    report = diagnose(history_of(EVEN), samples=x, real=x + 0.1, D=D)
    assert not any(line.startswith("D:") for line in report.not_examined)


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.validity, self.kind = nn.Linear(2, 1), nn.Linear(2, 10)

    def forward(self, x):
        return self.validity(x), self.kind(x)


def test_15_a_d_of_two_answers_is_told_what_to_pass_and_then_examined():
    D, x = TwoHeads(), torch.randn(100, 2)
    history = history_of((0.998, 0.0097, 0.012, 6.13))
    (line,) = (n for n in diagnose(history, samples=x, real=x, D=D).not_examined if "D:" in n)
    assert "D returned a tuple of 2" in line and "score=lambda x: D(x)[0]" in line
    given = diagnose(history, samples=x, real=x, D=D, score=lambda x: D(x)[0])
    assert not any("D:" in line for line in given.not_examined)
    assert "answers_alike" in given.signs


class Conditional(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(784 + 10, 1)

    def forward(self, x, y):
        return self.layer(torch.cat([x.flatten(1), y], dim=1))


def test_16_noise_of_shape_n_nz_1_1_is_found_and_labels_are_asked_for(digits):
    up = nn.ConvTranspose2d
    G = nn.Sequential(up(64, 8, 7), nn.ReLU(), up(8, 1, 4, 4))
    G.latent_dim = 64
    D, x = nn.Sequential(nn.Flatten(), nn.Linear(784, 1)), digits[:100]
    report = diagnose(history_of(EVEN), samples=x, real=x, D=D, G=G)
    assert "backlog" in report.signs  # its gradients were looked at
    assert "Not examined: the optimisers" in str(report)
    report = diagnose(history_of(EVEN), samples=x, real=x, D=Conditional())
    assert any("pass y=, or score=" in line for line in report.not_examined)
    y = torch.eye(10)[torch.arange(100) % 10]
    report = diagnose(history_of(EVEN), samples=x, real=x, D=Conditional(), y=y)
    assert "answers_alike" in report.signs


def test_17_a_map_of_answers_is_averaged_whatever_attributes_g_has(digits):
    x = digits[:100]
    for seed in range(5):  # an untrained D's logits may all lie between 0 and 1
        torch.manual_seed(seed)
        D = nn.Conv2d(1, 1, 4, 2, 1)
        G = nn.Sequential(nn.Linear(16, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
        without = diagnose(history_of(EVEN), samples=x, real=x, D=D, G=G)
        G.latent_dim = 16
        assert diagnose(history_of(EVEN), samples=x, real=x, D=D, G=G) == without
        assert "backlog" in without.signs


# --- runs --------------------------------------------------------------------------------------


@pytest.mark.trains
def test_05_amps_loss_scale_is_no_forgotten_zero_grad():
    report = Loop(200, scaled=True).diagnose()
    assert report.name != "no zero_grad" and report.signs["backlog"] == 0
    assert report.signs["loss_scale"] == 1


@pytest.mark.trains
def test_08_large_weights_of_a_good_run_are_no_illness(good):
    fake = good.G(torch.randn(1000, LATENT_DIM)).detach()
    assert mode_scores(fake, DATA.centres, DATA.sd).modes == 8
    assert good.diagnose(optimizers=True).name == HEALTHY
    equalised = nn.Sequential(nn.Linear(2, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
    for layer in (equalised[0], equalised[2]):
        nn.init.normal_(layer.weight)  # N(0, 1), divided in forward: ProGAN's layers
    assert diagnose(good.history, D=equalised).name == HEALTHY


@pytest.mark.trains
@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_08_a_long_good_run_is_healthy_with_everything_handed_over(seed):
    run = Loop(5000, seed)
    for n in (100, 500, 1000):
        assert run.diagnose(n=n, optimizers=True).name == HEALTHY


@pytest.mark.trains
def test_09_optimisers_that_share_nothing_acquit_and_d_is_too_strong():
    report = Loop(500, lr_g=1e-6).diagnose(optimizers=True)
    assert report.name == "D too strong"
    assert all(finding.name != "shared optimiser" for finding in report.findings)


@pytest.mark.trains
@pytest.mark.parametrize("named", [False, True])
def test_18_a_forgotten_zero_grad_is_found_in_a_g_without_latent_dim(named):
    run = Loop(400, zero_grad=False)
    if named:
        run.G.latent_dim = LATENT_DIM
    report = run.diagnose()
    assert report.name == "no zero_grad" and report.findings[0].rank == "tested"


# --- around it ---------------------------------------------------------------------------------


def test_20_a_run_that_is_over_is_read_back_from_whatever_is_left_of_it(tmp_path):
    history = history_of((0.6, 0.4, 0.51, 0.92), losses="mean")
    history.to_csv(tmp_path / "h.csv")
    frame = pd.read_csv(tmp_path / "h.csv")
    assert History.from_csv(tmp_path / "h.csv").losses == History.from_frame(frame).losses == "mean"
    line = "[3/25][100/1583] Loss_D: 0.5 Loss_G: 3.1 D(x): 0.8 D(G(z)): 0.2 / 0.1\n"
    assert len(History.from_log(40 * line)) == 40
    tutorials = {"D(x)": 0.8, "D(G(z))": 0.2, "Loss_D": 0.5, "Loss_G": 3.1}
    columns = {name: [value] * 40 for name, value in tutorials.items()}
    losses_only = {"loss_d": [0.0098] * 40, "loss_g": [4.6] * 40}
    for run in (frame, 40 * line, columns, losses_only):
        assert plots.plot_history(run).axes and diagnose(run).findings
    assert "without D(x) and D(G(z))" in str(diagnose(losses_only))


class WithoutDoubles(torch.Tensor):
    """A tensor of a device that has no float64, as an Apple GPU."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        asked = [*args[1:], *(kwargs or {}).values()]
        if function is torch.Tensor.double or torch.float64 in asked:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        return super().__torch_function__(function, types, args, kwargs or {})


def test_21_a_device_without_float64_is_no_obstacle():
    history, answer = History(), torch.tensor([0.5, 0.75]).as_subclass(WithoutDoubles)
    history.append(d_real=answer, d_fake=0.4, loss_d=answer.sum(), loss_g=0.9)
    assert history.last.d_real == 0.625 and history.last.loss_d == 1.25


def test_23_mnists_folder_is_understood_at_each_depth_and_a_damaged_file_is_named(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "t10k"):
        for kind, array in (("images-idx3", np.zeros((9, 28, 28))), ("labels-idx1", np.zeros(9))):
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (raw / f"{part}-{kind}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())
    for folder in (tmp_path, tmp_path / "MNIST", raw):
        assert len(load_mnist(folder).train.images) == 9
    (raw / "train-images-idx3-ubyte").write_bytes(b"junk")
    with pytest.raises(RuntimeError, match=r"train-images.*(damaged|not )"):
        load_mnist(tmp_path)


def test_28_two_runs_stand_in_one_figure_and_a_script_says_where_its_curves_are(tmp_path, capsys):
    mine, theirs = history_of(EVEN), history_of((0.9, 0.1, 0.1, 2.3), losses="mean")
    names = [t.get_text() for t in plots.compare({"a": mine, "b": theirs}).legends[0].get_texts()]
    assert names == ["a", "b"]
    LiveCurves(mine, path=tmp_path / "mine.png").update(now=True)
    assert str(tmp_path / "mine.png") in capsys.readouterr().out

"""README's section for people with a GAN of their own: each snippet and command, as it stands."""

import re
import shlex
from pathlib import Path

import framework_gans as gans
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from gan_lesson import plots, run_commands
from gan_lesson.__main__ import main
from gan_lesson.history import History
from gan_lesson.live import LiveCurves

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = re.search(r"## Watch your own GAN\n(.*?)\n## ", README, re.S)[1]
USES = ("notebook", "any loss", "mixed precision", "script", "old runs", "tensorboard")
USES += ("lightning", "keras", "diagnosis")
SNIPPETS = dict(zip(USES, re.findall(r"```python\n(.*?)```", SECTION, re.S), strict=True))
COMMANDS = re.findall(r"^    python -m gan_lesson (.*)$", SECTION, re.M)

pytestmark = pytest.mark.usefixtures("in_tmp_path")


def run(use, **names):
    """Run a snippet with the names that the text around it takes for granted; return all names."""
    names = {"torch": torch, "History": History, "LiveCurves": LiveCurves, "plots": plots} | names
    exec(compile(SNIPPETS[use], use, "exec"), names)
    return names


def filled(n=60, **conventions):
    history = History(**conventions)
    for i in range(n):
        history.append(d_real=0.6, d_fake=0.4, loss_d=1.1, loss_g=0.9 + i / 1000)
    return history


@pytest.fixture
def files(in_tmp_path):
    """What the old runs left."""
    filled().to_csv("mine.csv")
    line = "[1/5][{i}/60] Loss_D: 0.5 Loss_G: 0.9 D(x): 0.6 D(G(z)): 0.4 / 0.4\n"
    Path("theirs.log").write_text("".join(line.format(i=i) for i in range(60)))
    Path("odd.txt").write_text("10 D=-1.5 G=3\n20 D=-1.25 G=4\n")


@pytest.mark.parametrize("use", USES)
def test_each_use_is_shorter_than_ten_lines_that_fit_a_page(use):
    lines = [line for line in SNIPPETS[use].splitlines() if line]
    assert len(lines) < (14 if use == "notebook" else 10)  # that one shows the whole loop
    assert max(map(len, lines)) <= 100


def test_the_loop_in_a_notebook():
    loader = [torch.zeros(8, 1)] * 3
    logits = {"logits_real": torch.tensor([1.0]), "logits_fake": torch.tensor([-1.0])}
    done = run("notebook", loader=loader, loss_d=0.6, loss_g=1.3, **logits)
    assert len(done["history"]) == 3
    assert done["history"]["d_real"] == pytest.approx(1 / (1 + np.exp(-1)))


def test_any_loss_with_gaps_and_further_columns():
    loader = [torch.zeros(8, 1)] * 11
    of_d = torch.full((8, 1), 30.0), torch.full((8, 1), 28.0), torch.tensor(-2.0), 0.1
    steps = {"step_of_d": lambda x: of_d, "step_of_g": lambda: -28.0}
    history = run("any loss", loader=loader, **steps)["history"]
    assert np.flatnonzero(~history.missing("loss_g")).tolist() == [4, 9]
    assert history.extras == ("penalty",) and history.loss == "wasserstein"
    assert history["d_real"].tolist() == 11 * [30]


def test_mixed_precision_and_accumulated_gradients():
    torch.manual_seed(0)
    G, D = gans.small_nets()
    optimizer_g = torch.optim.Adam(G.parameters(), 1e-3)
    names = {"G": G, "D": D, "optimizer_g": optimizer_g, "history": History(), "n_parts": 4}
    names |= {"loader": [torch.zeros(16, 2)] * 8, "device": "cpu", "latent_dim": 4}
    names |= {"scaler": torch.amp.GradScaler("cpu"), "softplus": softplus}
    history = run("mixed precision", **names)["history"]
    assert len(history) == 2
    assert np.allclose(history["loss_g"], np.log(2), atol=0.4)  # neither scaled nor divided
    assert history.missing("d_real").all() and not history.missing("d_fake").any()


def test_a_vector_of_losses_as_data_parallel_gives_it_is_averaged():
    history = History()
    history.append(loss_d=torch.tensor([1.0, 2.0]), d_real=torch.rand(6, 1).bfloat16())
    assert history.last.loss_d == 1.5 and 0 < history.last.d_real < 1


def test_a_plain_script(capsys):
    run("script", history=filled())["curves"].close()
    assert Path("today.png").is_file() and "today.png" in capsys.readouterr().out


def test_runs_that_are_over_and_two_in_one_figure(files):
    done = run("old runs")
    assert done["theirs"].losses == "mean" and len(done["theirs"]) == len(done["mine"]) == 60
    assert done["odd"]["step"].tolist() == [10, 20] and done["odd"]["loss_g"].tolist() == [3, 4]
    assert Path("both.png").is_file()


def test_scalars_of_tensorboard():
    pytest.importorskip("tensorboard", reason="comes with the extra `frameworks`")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter("runs/1") as writer:
        for step in range(3):
            writer.add_scalar("Loss/critic", -float(step), step)
    board = run("tensorboard")["board"]
    assert board["loss_d"].tolist() == [0, -1, -2] and board.loss == "wasserstein"


def test_the_three_commands(files, monkeypatch, capsys):
    def interrupt(seconds):
        raise KeyboardInterrupt  # Ctrl-C, which is how `watch` ends

    monkeypatch.setattr(run_commands.time, "sleep", interrupt)
    assert [main(shlex.split(command)) for command in COMMANDS] == [0, 0, 0]
    assert "looks healthy" in capsys.readouterr().out
    assert all(Path(name).is_file() for name in ("report.png", "both.png", "curves.png"))


def test_lightning(monkeypatch):
    lightning = pytest.importorskip("lightning", reason="comes with the extra `frameworks`")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    gan, loader = gans.lightning_gan(lightning), gans.loader_of(gans.points(64))
    names = {"lightning": lightning, "gan": gan, "loader": loader, "history": History()}
    history = run("lightning", **names)["history"]
    assert history["loss_d"] == pytest.approx([row["d_loss"] for row in gan.given], rel=1e-5)
    assert Path("live_curves.png").is_file()


def test_keras(tmp_path):
    try:
        keras = gans.import_keras(tmp_path)
    except ImportError:
        pytest.skip("no keras: it comes with the extra `frameworks`")
    gan = gans.keras_gan(keras, running_means=True)
    watch = run("keras", gan=gan, images=gans.points(64))["watch"]
    assert watch.history["loss_g"] == pytest.approx([row["g_loss"] for row in gan.given], rel=1e-4)
    assert watch.history.losses == "mean"


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.validity, self.kind = nn.Linear(4, 1), nn.Linear(4, 3)

    def forward(self, x):
        return self.validity(x), self.kind(x)


class Labelled(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64 + 3, 4)

    def forward(self, z, y):
        return self.layer(torch.cat([z.flatten(1), y], dim=1))


def test_diagnosis_of_foreign_networks_leaves_nothing_unexamined():
    torch.manual_seed(0)
    D, G, labels = TwoHeads(), Labelled(), torch.eye(3)[torch.arange(200) % 3]
    names = {"optimizer_d": torch.optim.Adam(D.parameters())}
    names["optimizer_g"] = torch.optim.Adam(G.parameters())
    names |= {"D": D, "G": G, "labels": labels, "history": filled()}
    x = torch.randn(200, 4)
    D(G(torch.randn(200, 64, 1, 1), labels))[0].square().mean().backward()  # a turn's gradients
    report = run("diagnosis", x_fake=x + 0.01, x_real=x, **names)["report"]
    assert report.not_examined == ()
    (call,) = re.findall(r"`(report\.figure\(\)[^`]*)`", SECTION)
    exec(call, {"report": report})
    assert Path("report.png").is_file() and "<img" in report._repr_html_()

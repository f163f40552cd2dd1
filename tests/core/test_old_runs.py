"""Runs that are over: what a file, a table, printed lines or TensorBoard say, read back."""

import math
import sys

import numpy as np
import pandas as pd
import pytest

from gan_lesson.diagnosis import diagnose
from gan_lesson.history import History
from gan_lesson.loss_families import FAMILIES
from gan_lesson.old_runs import USUAL_NAMES, as_history, column_of, from_csv, from_log, known_part

FOUR = ("d_real", "d_fake", "loss_d", "loss_g")


def same(a, b):
    """Whether two histories have the same columns, gaps, steps and conventions."""
    names = ["step", *FOUR, *a.extras]
    return (
        (a.loss, a.losses, a.generator_loss) == (b.loss, b.losses, b.generator_loss)
        and a.extras == b.extras
        and all(np.array_equal(a[n], b[n], equal_nan=True) for n in names)
        and all(np.array_equal(a.missing(n), b.missing(n)) for n in names)
    )


def five_steps_of_d(loss="logistic", **conventions):
    """A run that updates G in every fifth step, measures a penalty, and ends amid D's steps."""
    history = History(loss=loss, **conventions)
    for i in range(43):
        g = {"loss_g": 1 / (1 + i)} if i % 5 == 4 else {}
        history.append(d_real=0.5 + i / 100, d_fake=0.3, loss_d=1.1, penalty=i / 7, step=3 * i, **g)
    return history


# --- tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", FAMILIES)
def test_a_csv_of_ours_brings_back_numbers_gaps_and_conventions(loss, tmp_path):
    history = five_steps_of_d(loss, losses="mean")
    history.to_csv(tmp_path / "h.csv")
    assert same(history, History.from_csv(tmp_path / "h.csv"))
    assert same(history, as_history(str(tmp_path / "h.csv")))


@pytest.mark.parametrize("made", ["to_frame", "pandas.read_csv"])
def test_a_dataframe_brings_back_gaps_though_pandas_calls_them_nan(made, tmp_path):
    history = five_steps_of_d(generator_loss="saturating")
    history.to_csv(tmp_path / "h.csv")
    frame = history.to_frame() if made == "to_frame" else pd.read_csv(tmp_path / "h.csv")
    assert same(history, History.from_frame(frame))
    assert diagnose(frame).name == diagnose(history).name == "healthy"


def test_a_run_that_ended_in_nan_still_does_after_a_dataframe(tmp_path):
    history = History()
    for i in range(60):
        answer = 0.5 if i < 40 else math.nan
        history.append(d_real=answer, d_fake=answer, loss_d=answer, loss_g=answer, lr=1e-3)
    back = History.from_frame(history.to_frame())
    assert same(history, back) and diagnose(back).name == "diverged"


def test_conventions_that_are_given_overrule_those_that_were_written(tmp_path):
    five_steps_of_d(losses="mean").to_csv(tmp_path / "h.csv")
    assert from_csv(tmp_path / "h.csv", losses="sum").losses == "sum"


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_of_somebody_else_is_known_by_its_names(delimiter, tmp_path):
    rows = ["iteration", "D_loss", "errG", "D(x)", "note", "FID"], [10, 1.5, 0.7, "", "a", 88]
    rows = [*rows, [20, 1.25, "nan", 0.5, "b", ""]]
    text = "\n".join(delimiter.join(map(str, row)) for row in rows)
    (tmp_path / "theirs.csv").write_text("\ufeff" + text)  # as a spreadsheet saves it
    history = from_csv(tmp_path / "theirs.csv")
    assert history["step"].tolist() == [10, 20]
    assert history["loss_d"].tolist() == [1.5, 1.25]
    assert np.isnan(history["loss_g"][1]) and not history.missing("loss_g")[1]
    assert history.missing("d_real").tolist() == [True, False]
    assert history["FID"][0] == 88 and history.missing("FID")[1]


def test_steps_that_begin_anew_in_each_epoch_are_counted_through():
    history = as_history({"iter": [1, 2, 1, 2], "loss_d": [4.0, 3.0, 2.0, 1.0]})
    assert history["step"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("run", "names"),
    [
        ({"a": [1, 2], "b": [3, 4]}, "none of a, b is known; rename them to d_real"),
        ({"loss_d": [1, 2], "loss_g": [3]}, r"the columns have \[1, 2\] rows"),
        ("no_such_run.log", "'no_such_run.log' is no file"),
        ("word " * 2000, "no line holds a number of a known name.*give a pattern"),
        ("", "no line holds"),
    ],
)
def test_what_holds_no_run_is_named(run, names):
    with pytest.raises(ValueError, match=names):
        as_history(run)


def test_a_csv_without_rows_is_named(tmp_path):
    (tmp_path / "h.csv").write_text("step,loss_d\n")
    with pytest.raises(ValueError, match="h.csv has no row below its header"):
        from_csv(tmp_path / "h.csv")


# --- printed lines -----------------------------------------------------------------------------

PRINTED = {
    "DCGAN tutorial of PyTorch": (
        "[3/25][100/1583]\tLoss_D: 0.5\tLoss_G: 3.25\tD(x): 0.75\tD(G(z)): 0.25 / 0.125",
        {"loss_d": 0.5, "loss_g": 3.25, "d_real": 0.75, "d_fake": 0.25},
    ),
    "Keras-GAN": (
        "12 [D loss: 0.5, acc.: 50.00%] [G loss: 0.75]",
        {"loss_d": 0.5, "loss_g": 0.75, "acc": 50},
    ),
    "PyTorch-GAN": (
        "[Epoch 0/200] [Batch 3/938] [D loss: 0.5] [G loss: 0.75]",
        {"loss_d": 0.5, "loss_g": 0.75},
    ),
    "pix2pix, whose D_real is a loss": (
        "(epoch: 1, iters: 100, time: 0.123, data: 0.2) G_GAN: 0.5 G_L1: 12.0 D_real: 2 D_fake: 3",
        {"loss_g": 0.5, "G_L1": 12, "loss_d_real": 2, "loss_d_fake": 3, "loss_d": 5},
    ),
    "pytorch-tutorial": (
        "Epoch [0/200], Step [200/600], d_loss: 0.5, g_loss: 4.25, D(x): 0.5, D(G(z)): 0.125",
        {"loss_d": 0.5, "loss_g": 4.25, "d_real": 0.5, "d_fake": 0.125},
    ),
    "small numbers": (
        "step 300 | loss_d=1.25e-05 | loss_g=1.5E+01 | gp=.5",
        {"loss_d": 1.25e-5, "loss_g": 15, "penalty": 0.5},
    ),
    "no numbers": ("errD = nan, errG = inf", {"loss_d": math.nan, "loss_g": math.inf}),
}


@pytest.mark.parametrize("script", PRINTED)
def test_lines_that_common_scripts_print_are_read(script):
    line, expected = PRINTED[script]
    history = from_log(f"Starting…\n{line}\nsaved checkpoint 3\n{line}\n")
    assert len(history) == 2
    known = [n for n in (*FOUR, *history.extras) if not history.missing(n).all()]
    assert {n: float(history[n][1]) for n in known} == pytest.approx(expected, nan_ok=True)


def test_a_log_is_read_from_its_file_and_its_steps_are_kept(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("".join(f"iter {100 * i}: d_loss 7, D loss: {i}.5\n" for i in range(3)))
    for history in (History.from_log(path), from_log(str(path)), as_history(path)):
        assert history["step"].tolist() == [0, 100, 200]
        assert history["loss_d"].tolist() == [0.5, 1.5, 2.5]


def test_a_pattern_of_ones_own_reads_what_no_rule_would():
    pattern = r"it (?P<step>\d+) D=(?P<loss_d>\S+) critic (?P<d_real>\S+)( \[(?P<fid>\d+)\])?"
    lines = "it 5 D=-2.5 critic 31\nnoise D=1\nit 6 D=-3.5 critic 32 [88]"
    history = History.from_log(lines, pattern, loss="wasserstein")
    assert history["step"].tolist() == [5, 6] and history["loss_d"].tolist() == [-2.5, -3.5]
    assert history["d_real"].tolist() == [31, 32]
    assert history["fid"][1] == 88 and history.missing("fid").tolist() == [True, False]
    with pytest.raises(ValueError, match="no line holds"):
        from_log("it 5", pattern)


def test_a_usual_name_is_one_column_only_however_it_is_written():
    usual = [name for names in USUAL_NAMES.values() for name in names]
    assert len(usual) == len(set(usual))
    spellings = {"loss_d": ["D loss", "Loss_D", "errD", "loss/D", "discriminator_loss"]}
    spellings |= {"d_fake": ["D(G(z))", "d_fake", "fake_score"], "d_real": ["D(x)", "D_x"]}
    for ours, theirs in spellings.items():
        assert {column_of(name) for name in theirs} == {ours}
    assert column_of("accuracy") is None
    assert [known_part(tag) for tag in ("train/d_loss", "Loss/D", "gan/errG", "val/acc")] == [
        "loss_d",
        "loss_d",
        "loss_g",
        None,
    ]


# --- TensorBoard -------------------------------------------------------------------------------


def test_the_scalars_that_a_summary_writer_wrote_are_read(tmp_path):
    pytest.importorskip("tensorboard", reason="comes with the extra `frameworks`")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path / "run") as writer:
        for step in range(0, 12_000, 10):  # more than TensorBoard keeps unless it is told to
            writer.add_scalar("Loss/D", 1 + step / 4096, step)
            writer.add_scalar("train/D(x)", 0.5, step)
            writer.add_scalar("Quality/score", 7.0, step)
            if step % 50 == 40:
                writer.add_scalar("Loss/G", 0.75, step)
    history = History.from_tensorboard(tmp_path / "run", losses="mean")
    assert len(history) == 1200 and history.losses == "mean"
    assert history["step"].tolist() == list(range(0, 12_000, 10))
    assert history["loss_d"].tolist() == (1 + history["step"] / 4096).tolist()
    assert (~history.missing("loss_g")).sum() == 240 and history.extras == ()
    names = {"Loss/D": "loss_d", "Quality/score": "fid"}
    named = History.from_tensorboard(tmp_path / "run", names, loss="wasserstein")
    assert named.extras == ("fid",) and named.missing("d_real").all()
    with pytest.raises(ValueError, match="no tag is known among .*Quality/score.*names="):
        History.from_tensorboard(tmp_path / "run", {"loss": "loss_d"})
    with pytest.raises(ValueError, match="holds no scalars; give the folder of one run"):
        History.from_tensorboard(tmp_path)


def test_without_tensorboard_the_error_says_what_to_install(tmp_path, monkeypatch):
    reader = "tensorboard.backend.event_processing"
    for name in ("tensorboard", reader, f"{reader}.event_accumulator"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        History.from_tensorboard(tmp_path)

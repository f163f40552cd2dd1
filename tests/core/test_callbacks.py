"""Callbacks: a history filled by the real Lightning and the real Keras, each where installed."""

import importlib
import subprocess
import sys
import warnings

import framework_gans as gans
import numpy as np
import pytest
import torch

from gan_lesson.callbacks.logged import LoggedRows
from gan_lesson.history import History
from gan_lesson.live import LiveCurves

EXTRA = "comes with the extra `frameworks`"


@pytest.fixture
def keras(tmp_path):
    try:
        return gans.import_keras(tmp_path)
    except ImportError:
        pytest.skip(f"no keras: it {EXTRA}")


@pytest.fixture(params=["lightning", "pytorch_lightning"])
def lightning(request):
    return pytest.importorskip(request.param, reason=f"no {request.param}: it {EXTRA}")


def lightning_callback(*arguments, **settings):
    from gan_lesson.callbacks.lightning import HistoryCallback

    return HistoryCallback(*arguments, **settings)


def keras_callback(*arguments, **settings):
    from gan_lesson.callbacks.keras import HistoryCallback

    return HistoryCallback(*arguments, **settings)


def same_rows(history, given):
    """Whether each batch is a row of what it computed, and what it did not compute a gap."""
    ours = {"d_loss": "loss_d", "g_loss": "loss_g", "D(x)": "d_real", "D(G(z))": "d_fake"}
    assert len(history) == len(given)
    for name, column in (ours | {"lr": "lr"}).items():
        there = np.array([name in row for row in given])
        assert np.array_equal(history.missing(column), ~there), name
        values = [row[name] for row in given if name in row]
        assert history[column][there] == pytest.approx(values, rel=1e-3), name
    return True


@pytest.mark.parametrize("d_steps", [1, 4])
def test_each_batch_of_lightning_is_a_row_of_what_its_step_logged(lightning, d_steps):
    torch.manual_seed(0)
    gan, watch = gans.lightning_gan(lightning, d_steps), lightning_callback()
    data = gans.loader_of(gans.points())
    gans.lightning_trainer(lightning, [watch], epochs=2).fit(gan, data, data)
    assert len(watch.history) == 16  # validation logs too, and makes no row
    assert same_rows(watch.history, gan.given)
    assert watch.history.extras == ("lr",)
    assert "log" not in vars(gan)  # it is as it was


def test_a_second_fit_of_lightning_goes_on_where_the_first_ended(lightning):
    gan, watch = gans.lightning_gan(lightning), lightning_callback(losses="mean")
    for _ in range(2):
        gans.lightning_trainer(lightning, [watch]).fit(gan, gans.loader_of(gans.points(64)))
    assert watch.history["step"].tolist() == [1, 2, 3, 4]
    assert watch.history.losses == "mean"


def test_a_fit_of_lightning_that_fails_leaves_the_module_as_it_was(lightning):
    gan, watch = gans.lightning_gan(lightning), lightning_callback(names={"d_loss": "d_real"})
    gan.D[2].bias.data += 1e3  # this loss is no probability
    with pytest.raises(ValueError, match="d_real is .*must be a probability"):
        gans.lightning_trainer(lightning, [watch]).fit(gan, gans.loader_of(gans.points(64)))
    assert "log" not in vars(gan)


@pytest.mark.parametrize("metrics", [False, True])
@pytest.mark.parametrize("d_steps", [1, 4])
def test_each_batch_of_keras_is_a_row_of_its_own_numbers_even_from_running_means(
    keras, metrics, d_steps
):
    torch.manual_seed(0)
    gan, watch = gans.keras_gan(keras, metrics, d_steps), keras_callback()
    gan.fit(gans.points(), batch_size=32, epochs=2, verbose=0, shuffle=False, callbacks=[watch])
    assert len(watch.history) == 16
    assert same_rows(watch.history, gan.given)


def test_keras_takes_the_conventions_of_a_history_and_draws_while_it_trains(keras, tmp_path):
    history = History(loss="wasserstein")
    curves = LiveCurves(history, path=tmp_path / "curves.png")
    gan, names = gans.keras_gan(keras), {"D(x)": "score", "d_loss": "loss_g"}
    watch = keras_callback(history, curves=curves, names=names)
    gan.fit(gans.points(64), batch_size=32, verbose=0, callbacks=[watch])
    assert watch.history is history
    assert history["loss_g"] == pytest.approx([row["d_loss"] for row in gan.given])
    assert history["score"] == pytest.approx([row["D(x)"] for row in gan.given])
    assert "step 2" in curves.panel.description and (tmp_path / "curves.png").is_file()


def test_known_names_become_columns_and_other_numbers_further_ones():
    rows = LoggedRows(None, None, None, {"loss": "hinge"})
    rows.add({"train/d_loss": torch.tensor(2.0), "gp": 0.1, "beta": np.float32(3), "note": "x"})
    rows.add({"errD": 1.5, "d_loss": 9.0, "step": 77})  # of two names of one column the first
    rows.add({"beta": 4.0})  # nothing of ours: no row
    assert rows.history.loss == "hinge"
    assert rows.history["loss_d"].tolist() == [2.0, 1.5]
    assert rows.history["step"].tolist() == [1, 2]
    assert rows.history.extras == ("penalty", "beta")
    assert rows.history.missing("beta").tolist() == [False, True]


def test_a_training_that_logs_no_known_name_ends_in_a_warning_that_lists_them():
    rows = LoggedRows(None, None, None, {})
    rows.add({"a": 1.0, "b": 2.0})
    with pytest.warns(UserWarning, match="none of the logged names is known .'a', 'b'.*names="):
        rows.end()
    rows.add({"d_loss": 1.0})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows.end()


def test_what_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="history has its own conventions.*losses"):
        LoggedRows(History(), None, None, {"losses": "mean"})
    with pytest.raises(ValueError, match="losses is 'total'"):
        LoggedRows(None, None, None, {"losses": "total"})


def test_curves_of_another_history_are_refused(tmp_path):
    curves = LiveCurves(History(), path=tmp_path / "c.png")
    with pytest.raises(ValueError, match="another history"):
        LoggedRows(History(), curves, None, {})


def test_the_package_loads_no_framework_unasked():
    modules = ("history", "old_runs", "live", "plots", "diagnosis", "callbacks", "callbacks.logged")
    code = "import sys\n" + "".join(f"import gan_lesson.{name}\n" for name in modules)
    code += (
        "print(*{'lightning', 'pytorch_lightning', 'keras', 'tensorboard'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", ["lightning", "keras"])
def test_without_the_framework_its_callback_says_which_package_is_missing(name, monkeypatch):
    for module in ("lightning", "lightning.pytorch", "pytorch_lightning", "keras"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"gan_lesson.callbacks.{name}", raising=False)
    with pytest.raises(ImportError, match=name):
        importlib.import_module(f"gan_lesson.callbacks.{name}")

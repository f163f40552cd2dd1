"""History: the numbers of anybody's loop, checked, drawn anew when they change, and exported."""

import numpy as np
import pytest
import torch

from gan_lesson.history import History
from gan_lesson.live import LiveCurves


def test_history_takes_floats_and_tensors_and_counts_by_itself():
    history = History(losses="mean")
    history.append(d_real=0.8, d_fake=0.4, loss_d=0.367, loss_g=0.916)
    d_real, d_fake = torch.tensor([[0.5], [0.7]]), torch.tensor(0.5)
    history.append(d_real=d_real, d_fake=d_fake, loss_d=1, loss_g=2)
    assert history["step"].tolist() == [1, 2]
    assert history["d_real"] == pytest.approx([0.8, 0.6])
    assert history.last.loss_g == 2
    assert history.chance_levels["loss_d"] == pytest.approx(np.log(2))
    assert History().chance_levels["loss_d"] == pytest.approx(np.log(4))
    saturating = History(generator_loss="saturating").chance_levels
    assert saturating["loss_g"] == pytest.approx(-np.log(2))


def test_history_grows_and_exports(tmp_path):
    history = History()
    for i in range(700):
        history.append(d_real=0.5, d_fake=0.25, loss_d=i, loss_g=-i)
    frame = history.to_frame()
    assert frame.index.tolist() == list(range(1, 701))
    assert frame["loss_d"].tolist() == list(range(700))
    history.to_csv(tmp_path / "h.csv")
    table = np.genfromtxt(tmp_path / "h.csv", delimiter=",", names=True)
    assert table.dtype.names == History.columns
    assert table["loss_g"][-1] == -699


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda h: h.append(d_real=3.0, d_fake=0.5, loss_d=0, loss_g=0), "d_real is 3.*logit"),
        (lambda h: h.append(d_real=0.5, d_fake=-1, loss_d=0, loss_g=0), "d_fake is -1"),
        (lambda h: h.append(d_real=0.5, d_fake=0.5, loss_d=0, loss_g=0, step=-2), "step is -2"),
        (
            lambda h: h.append(d_real=torch.tensor([-3.0, 4.2]), d_fake=0, loss_d=0, loss_g=0),
            "d_real is between -3 and 4.2.*logit",
        ),
        (lambda h: h.append(d_real=[], d_fake=0, loss_d=0, loss_g=0), "d_real is empty"),
        (lambda h: h.truncate(3), "between 0 and 0"),
        (lambda h: h["speed"], "speed"),
        (lambda h: History("total"), "losses is 'total'"),
        (lambda h: History(generator_loss="hinge"), "'hinge'"),
        (lambda h: h.truncate(-1), "rows is -1"),
    ],
)
def test_bad_history_is_named(call, names):
    with pytest.raises((ValueError, KeyError), match=names):
        call(History())


def test_a_change_of_convention_is_a_change_that_pictures_see():
    history = History()
    history.append(d_real=0.8, d_fake=0.4, loss_d=0.7, loss_g=0.9)
    curves = LiveCurves(history)
    for name, value in (("generator_loss", "saturating"), ("losses", "mean")):
        before, frames = history.version, curves.panel.frames
        setattr(history, name, getattr(history, name))
        assert history.version == before  # it says the same as it did
        setattr(history, name, value)
        assert history.version > before
        curves.update(now=True)
        assert curves.panel.frames == frames + 1
        with pytest.raises(ValueError, match=f"{name} is 'hinge'"):
            setattr(history, name, "hinge")
        assert getattr(history, name) == value
    assert curves.panel.figure.axes[1].get_ylabel() == "loss (nats, mean)"

"""History: the numbers of anybody's loop, checked, drawn anew when they change, and exported."""

import numpy as np
import pytest
import torch

from gan_lesson.history import History
from gan_lesson.live import LiveCurves
from gan_lesson.loss_families import FAMILIES

pytestmark = pytest.mark.usefixtures("in_tmp_path")
FOUR = ("d_real", "d_fake", "loss_d", "loss_g")


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
    table = np.genfromtxt(tmp_path / "h.csv", delimiter=",", names=True, usecols=range(6))
    assert table.dtype.names == History.columns
    assert table["loss_g"][-1] == -699
    back = History.from_csv(tmp_path / "h.csv")
    assert all(np.array_equal(back[name], history[name]) for name in History.columns)


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
        (lambda h: h.append(), "nothing is given"),
        (lambda h: h.append(loss_g=None, step=3), "nothing is given"),
        (lambda h: h.append(d_real=-0.2), "History.loss=….*'hinge', .*'wasserstein'"),
        (
            lambda h: h.append(d_real=0.06, d_fake=0.03, loss_d=-0.03, loss_g=0.1),
            "d_fake − d_real: the loss of a critic.*'wasserstein'",
        ),
        (lambda h: History(loss="wgan"), "loss is 'wgan'; it must be one of .*'wasserstein'"),
        (lambda h: History("sum", "saturating", loss="hinge"), "only the logistic loss has"),
        (lambda h: setattr(h, "loss", "gan"), "loss is 'gan'"),
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


# --- families of losses ------------------------------------------------------------------------


def formulas(kind, s_real, s_fake):
    """Both losses of a family, each summed over its halves, and D's answer to real samples."""
    F = torch.nn.functional
    one, zero = torch.ones_like(s_real), torch.zeros_like(s_real)
    bce, square = F.binary_cross_entropy_with_logits, F.mse_loss
    if kind == "logistic":
        return bce(s_real, one) + bce(s_fake, zero), bce(s_fake, one), s_real.sigmoid()
    if kind == "hinge":
        return F.relu(1 - s_real).mean() + F.relu(1 + s_fake).mean(), -s_fake.mean(), s_real
    if kind == "least_squares":
        return square(s_real, one) + square(s_fake, zero), square(s_fake, one), s_real
    if kind == "wasserstein":
        return s_fake.mean() - s_real.mean(), -s_fake.mean(), s_real
    to_fake, to_real = s_real - s_fake.mean(), s_fake - s_real.mean()
    of_d = bce(to_fake, one) + bce(to_real, zero)
    return of_d, bce(to_fake, zero) + bce(to_real, one), s_real


@pytest.mark.parametrize("kind", FAMILIES)
def test_chance_is_what_the_best_d_shows_of_two_kinds_that_are_alike(kind):
    """That D gives one score to all; which one is found by trying.

    Hinge allows all from -1 to 1, of which 0 is the middle; where all do, there is no level.
    """
    shown = []
    for score in torch.linspace(-2, 2, 801, dtype=torch.float64):
        s = score.expand(5)
        loss_d, loss_g, answer = formulas(kind, s, s)
        shown.append((float(loss_d), float(loss_g), float(answer.mean())))
    loss_d, loss_g, answer = map(np.array, zip(*shown, strict=True))
    best = loss_d < loss_d.min() + 1e-9
    expected = {"loss_d": loss_d.min()}
    if not best.all():
        expected |= dict.fromkeys(("d_real", "d_fake"), answer[best].mean())
    if not best.all() or np.ptp(loss_g) < 1e-9:
        expected["loss_g"] = loss_g[best].mean()
    assert History(loss=kind).chance_levels == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_mean_over_the_halves_has_half_the_chance_level(kind):
    whole, half = (History(losses, loss=kind).chance_levels for losses in ("sum", "mean"))
    assert half["loss_d"] == whole["loss_d"] / 2
    factor = 2 if kind == "relativistic" else 1  # its generator's loss has two halves too
    assert half.get("loss_g", 0) * factor == whole.get("loss_g", 0)


def test_scores_are_taken_where_the_family_has_scores_and_change_with_it():
    history = History(loss="wasserstein")
    history.append(d_real=torch.tensor([1.5, -7.0]), d_fake=-30.0, loss_d=-27.25, loss_g=30.0)
    assert history.last.d_fake == -30
    before = history.version
    history.loss = "hinge"
    assert history.version > before and history.chance_levels["loss_d"] == 2


# --- gaps, halves, further columns -------------------------------------------------------------


def test_what_was_not_computed_is_a_gap_and_nan_is_a_number():
    history = History()
    history.append(d_real=0.6, d_fake=0.4, loss_d=1.2)
    history.append(d_real=0.6, loss_d=float("nan"), loss_g=0.8)
    history.append(loss_g=0.7, d_fake=None)
    gaps = {name: history.missing(name).tolist() for name in FOUR}
    assert gaps == {
        "d_real": [False, False, True],
        "d_fake": [False, True, True],
        "loss_d": [False, False, True],
        "loss_g": [True, False, False],
    }
    assert np.isnan(history["loss_d"][1]) and np.isnan(history["loss_d"][2])
    assert not history.missing("seconds").any()


def test_of_both_halves_the_loss_is_made_by_the_convention():
    for losses, expected in (("sum", 1.5), ("mean", 0.75)):
        history = History(losses)
        history.append(loss_d_real=0.5, loss_d_fake=torch.tensor(1.0))
        assert history.last.loss_d == expected
        history.append(loss_d_real=0.5, loss_d_fake=1.0, loss_d=9.0)
        assert history.last.loss_d == 9.0  # a penalty may be in it
        history.append(loss_d_real=0.5)
        assert history.missing("loss_d").tolist() == [False, False, True]
        assert history.extras == ("loss_d_real", "loss_d_fake")


def test_a_further_column_may_come_late_and_stay_away():
    history = History()
    for i in range(600):  # more than there was room for at first
        extra = {"fid": i / 2} if i >= 300 and i % 100 == 0 else {}
        history.append(d_real=0.5, **extra)
    assert history.extras == ("fid",)
    assert np.flatnonzero(~history.missing("fid")).tolist() == [300, 400, 500]
    assert history["fid"][~history.missing("fid")].tolist() == [150, 200, 250]
    history.truncate(350)
    assert len(history["fid"]) == len(history.missing("fid")) == 350
    history.append(d_real=0.5)
    assert history.missing("fid")[-1] and not history.missing("d_real")[-1]


def test_rows_that_the_trainer_adds_at_once_have_no_gap_but_in_further_columns():
    history = History()
    history.append(d_real=0.5, penalty=2.0)
    history.extend(np.arange(12.0).reshape(2, 6) + 2)
    assert history.missing("loss_g").tolist() == [True, False, False]
    assert history.missing("penalty").tolist() == [False, True, True]
    assert np.isnan(history["penalty"][1:]).all()


def test_numbers_of_half_precision_and_of_a_graph_are_taken():
    history = History()
    weight = torch.ones(3, requires_grad=True)
    history.append(d_real=torch.tensor([0.5, 0.25]).bfloat16(), loss_d=(weight * 2).sum())
    history.append(d_real=np.float16(0.5), loss_d=np.array([1, 3]))
    assert history["d_real"].tolist() == [0.375, 0.5] and history["loss_d"].tolist() == [6, 2]

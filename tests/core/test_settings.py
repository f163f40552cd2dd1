"""Settings: what a trainer refuses, at construction and at assignment, and says why."""

import pytest
import torch
from small_runs import new_trainer, same_history
from torch import nn

from gan_lesson.data import ring
from gan_lesson.networks import Discriminator, small_pair
from gan_lesson.player import SideBySide
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import Turn


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"d_steps": -1}, "d_steps is -1"),
        ({"n_steps": 0}, "n_steps is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"schedules": {"lr": 3}}, "must be a function"),
        ({"r1_gamma": -1.0}, "r1_gamma is -1.0"),
        ({"r1_gamma": float("nan")}, "r1_gamma is nan"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"loss": "hinge loss"}, "loss is 'hinge loss'"),
        ({"gp_weight": -1.0}, "gp_weight is -1.0"),
        ({"clip_d": float("inf")}, "clip_d is inf"),
        ({"schedules": {"speed": abs}}, "'speed'"),
        ({"data": torch.zeros(0, 2)}, r"data has shape \(0, 2\)"),
        ({"data": torch.full((4, 2), float("nan"))}, "data holds NaN"),
        ({"data": [1, 2, 3]}, "data is a list"),
    ],
)
def test_bad_settings_are_named(settings, names):
    G, D = small_pair(2)
    data = settings.pop("data", ring())
    with pytest.raises(ValueError, match=names):
        Trainer(G, D, data, **settings)


def test_settings_may_be_changed_while_training_and_are_checked():
    trainer = new_trainer()
    trainer.burst(3)
    trainer.batch_size, trainer.loss, trainer.d_steps = 16, "saturating", 2
    trainer.r1_gamma, trainer.r2_gamma, trainer.simultaneous = 0.1, 0.1, True
    trainer.burst(3)
    assert trainer.history["loss_g"][-1] < 0 < trainer.history["loss_g"][0]
    assert trainer.history.generator_loss == "saturating"
    for name, wrong in (
        ("batch_size", 0), ("loss", "wgan"), ("r1_gamma", -1), ("r2_gamma", float("nan")),
        ("d_steps", 1.5), ("simultaneous", 1), ("ema_decay", 1.0), ("lr_d", -0.1), ("r1_every", 0),
    ):  # fmt: skip
        before = getattr(trainer, name)
        with pytest.raises(ValueError, match=name):
            setattr(trainer, name, wrong)
        assert getattr(trainer, name) == before


def test_dropout_is_refused_because_it_draws_global_random_numbers():
    G, _ = small_pair(2)
    D = Discriminator(nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.3), nn.Linear(4, 1)))
    with pytest.raises(ValueError, match="Dropout.*LiveCurves"):
        Trainer(G, D, ring())


def test_data_networks_and_optimizers_that_do_not_fit_are_named_before_training():
    G, D = small_pair(2)
    with pytest.raises(ValueError, match=r"shape \(3,\), but G makes \(2,\)"):
        Trainer(G, D, torch.zeros(10, 3))
    with pytest.raises(ValueError, match="uint8.*convert it"):
        Trainer(G, D, torch.zeros(10, 2, dtype=torch.uint8))
    with pytest.raises(ValueError, match="as_logits"):
        Trainer(G, nn.Linear(2, 1), ring())
    with pytest.raises(ValueError, match="D cannot judge"):
        Trainer(G, small_pair(5)[1], ring())
    with pytest.raises(ValueError, match="optimizer_d holds parameters that are not D's"):
        Trainer(G, D, ring(), optimizer_d=adam(G.parameters()))


def test_groups_of_parameters_keep_their_ratio_and_foreign_changes_are_left_alone():
    G, D = small_pair(2)
    first, *rest = D.parameters()
    groups = [{"params": [first], "lr": 1e-5}, {"params": rest, "lr": 1e-3}]
    trainer = Trainer(G, D, ring(), optimizer_d=torch.optim.Adam(groups, betas=(0.0, 0.99)))
    trainer.burst(1)
    assert [g["lr"] for g in trainer.optimizer_d.param_groups] == [1e-5, 1e-3]
    trainer.optimizer_g.param_groups[0]["lr"] = 0.5  # as a scheduler of torch does
    trainer.lr_d = 2e-5
    trainer.burst(1)
    assert [g["lr"] for g in trainer.optimizer_d.param_groups] == pytest.approx([2e-5, 2e-3])
    assert trainer.optimizer_g.param_groups[0]["lr"] == 0.5


def test_data_on_another_device_than_g_is_named():
    G, D = small_pair(2)
    with pytest.raises(ValueError, match="data is on meta, but G makes samples on cpu"):
        Trainer(G, D, OnMeta())


class OnMeta:
    """A sampler that forgot where G lives."""

    def sample(self, n, generator=None):
        return torch.empty(n, 2, device="meta")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("d_step", "d_steps"),
        ("batchsize", "batch_size"),
        ("Batch_Size", "batch_size"),
        ("simultanous", "simultaneous"),
        ("ema", "ema_decay"),
        ("r1_gama", "r1_gamma"),
        ("gamma", "r1_gamma or r2_gamma"),
        ("lr", "lr_d or lr_g"),
        ("learning_rate", "lr_d or lr_g"),
        ("generator_loss", "loss"),
        ("max_snapshot", "max_snapshots"),
    ],
)
def test_a_misspelt_setting_is_refused_and_the_right_one_named(name, meant):
    trainer = new_trainer()
    with pytest.raises(ValueError, match=f"no setting '{name}'; did you mean {meant}\\?"):
        setattr(trainer, name, 5)
    assert not hasattr(trainer, name)
    with pytest.raises(TypeError, match=name):
        new_trainer(**{name: 5})


def test_what_is_no_setting_may_be_noted_on_a_trainer():
    class Mine(Trainer):
        def __init__(self, *arguments, **settings):
            self.d_step = 1  # before the constructor has ended, an attribute of its own
            super().__init__(*arguments, **settings)
            self.notes = []

    trainer = Mine(*small_pair(2), ring())
    trainer.title, trainer.notes, trainer.d_step = "first try", ["lr too high"], 2
    trainer.loss_curve, trainer.rate_now, trainer.steps_done = [], 0.1, 5
    assert trainer.branch().title == "first try"


class WithoutPenalties(Turn):
    ignores = {"r1_gamma": 0.0, "d_steps": 1, "lr_g": 1e-3}
    why = "this one plays as it likes"


@pytest.mark.parametrize("name", ["r1_gamma", "d_steps"])
def test_a_setting_that_a_turn_ignores_is_refused_at_construction_and_at_assignment(name):
    sentence = f"{name} is 3, but this one plays as it likes; leave it at"
    with pytest.raises(ValueError, match=sentence):
        new_trainer(turn=WithoutPenalties(), **{name: 3})
    trainer = new_trainer(turn=WithoutPenalties())
    setattr(trainer, name, WithoutPenalties.ignores[name])  # what it is anyway
    for twin in (trainer, trainer.branch()):
        with pytest.raises(ValueError, match=sentence):
            setattr(twin, name, 3)
        assert getattr(twin, name) == WithoutPenalties.ignores[name]


def test_a_schedule_of_what_a_turn_ignores_is_refused_too():
    for schedules, named in (({"r1_gamma": float}, "r1_gamma"), ({"lr": float}, "lr")):
        with pytest.raises(ValueError, match=f"schedules names '{named}', but this one plays"):
            new_trainer(turn=WithoutPenalties(), schedules=schedules)
        trainer = new_trainer(turn=WithoutPenalties())
        with pytest.raises(ValueError, match=f"schedules names '{named}', but this one plays"):
            trainer.schedules = schedules


def test_another_turn_may_be_taken_up_if_it_honours_the_present_settings():
    trainer, plain = new_trainer(), new_trainer()
    trainer.burst(3)
    trainer.turn = WithoutPenalties()
    trainer.turn = Turn()
    trainer.d_steps = 2
    with pytest.raises(ValueError, match="d_steps is 2, but this one plays as it likes"):
        trainer.turn = WithoutPenalties()
    trainer.d_steps = 1
    with pytest.raises(ValueError, match="turn is 'quick'"):
        trainer.turn = "quick"
    trainer.burst(3)
    plain.burst(6)
    assert same_history(trainer, plain)


@pytest.mark.parametrize(("name", "wrong"), [("schedules", None), ("n_steps", 0), ("threads", 1.5)])
def test_what_belongs_to_the_run_is_checked_at_assignment_too(name, wrong):
    trainer = new_trainer()
    with pytest.raises(ValueError, match=f"{name} is {wrong!r}"):
        setattr(trainer, name, wrong)


def test_two_trainers_side_by_side_take_no_setting_together():
    player = SideBySide({"a": new_trainer(), "b": new_trainer()})
    with pytest.raises(AttributeError, match="lr_g"):
        player.trainer.lr_g = 0.1

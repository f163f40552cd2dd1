"""A run goes on from a file in another process, bit for bit, or says why it cannot."""

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from small_runs import new_trainer, same_history, same_weights

from gan_lesson.checkpoints import read_checkpoint, write_checkpoint
from gan_lesson.recipes import (
    convolutional_trainer,
    fully_connected_trainer,
    super_resolution_trainer,
)


def images():
    return torch.rand(200, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1


MADE_BY = {
    "points": lambda seed=0: new_trainer(seed, r1_gamma=0.1, r1_every=3, ema_decay=0.9),
    "fully connected": lambda seed=0: fully_connected_trainer(images(), seed=seed, n_steps=12),
    "convolutional": lambda seed=0: convolutional_trainer(images(), seed=seed, n_steps=12),
    "super-resolution": lambda seed=0: super_resolution_trainer(
        images(), start_steps=4, seed=seed, n_steps=12
    ),
}


@pytest.mark.parametrize("make", MADE_BY.values(), ids=MADE_BY)
def test_a_run_goes_on_from_its_checkpoint_bit_for_bit(make, tmp_path):
    one = make()
    one.burst(5)
    path = write_checkpoint(one, tmp_path / "state.safetensors", {"seed": 0})
    other = make(seed=7)  # other weights and random numbers, until it reads
    read_checkpoint(other, path, {"seed": 0})
    assert other.step == 5 and same_history(one, other) and other.seconds == one.seconds
    for trainer in (one, other):
        trainer.burst(5)
    assert same_history(one, other)
    for net in ("G", "D", "G_ema"):
        assert same_weights(getattr(one, net), getattr(other, net))


def test_a_checkpoint_is_kept_as_a_state_to_rewind_to(tmp_path):
    one, other = new_trainer(), new_trainer()
    one.burst(4)
    read_checkpoint(other, write_checkpoint(one, tmp_path / "state.safetensors"))
    other.burst(3)
    other.rewind(4)
    assert other.step == 4 and same_weights(one.G, other.G)


def refusal(path, settings=None, trainer=None):
    trainer = trainer or new_trainer()
    trainer.burst(2)
    before = [w.detach().clone() for w in trainer.G.parameters()]
    with pytest.raises(ValueError) as error:
        read_checkpoint(trainer, path, settings)
    assert trainer.step == len(trainer.history) == 2
    assert all(torch.equal(*pair) for pair in zip(before, trainer.G.parameters(), strict=True))
    return str(error.value)


def test_what_is_no_checkpoint_of_this_run_is_refused_and_nothing_has_changed(tmp_path):
    path = write_checkpoint(new_trainer(), tmp_path / "state.safetensors", {"seed": 0, "steps": 9})
    assert "there is no checkpoint" in refusal(tmp_path / "nothing.safetensors")
    assert "whose seed was 0, and now it is 1" in refusal(path, {"seed": 1, "steps": 9})
    assert "whose steps was 9, and now it is None" in refusal(path, {"seed": 0})
    wider = fully_connected_trainer(images())
    assert "does not fit" in refusal(path, {"seed": 0, "steps": 9}, wider)
    narrow = tmp_path / "narrow.safetensors"
    with safe_open(path, "pt") as file:
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        save_file(kept | {"history": torch.zeros(5, 2)}, narrow, file.metadata())
    assert "other columns" in refusal(narrow, {"seed": 0, "steps": 9})
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    assert "no whole checkpoint" in refusal(tmp_path / "other.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    assert "no whole checkpoint" in refusal(path, {"seed": 0, "steps": 9})


def test_a_turn_that_goes_on_from_gradients_is_not_written(tmp_path):
    trainer = new_trainer()
    trainer.turn.keep_gradients = True
    with pytest.raises(ValueError, match="goes on from gradients"):
        write_checkpoint(trainer, tmp_path / "state.safetensors")
    assert not list(tmp_path.iterdir())

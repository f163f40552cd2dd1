"""Several processes play one turn: the same step as one process with the whole batch (20 s)."""

import json
import socket
import subprocess
import sys

import pytest
import shared_steps
import torch
from shared_steps import environment


@pytest.fixture(scope="module")
def answers():
    """What four processes find on this machine's cores, and two of them by themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    launched = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "4"}
    command = [sys.executable, shared_steps.__file__]
    four = [
        subprocess.Popen(
            command,
            env=environment() | launched | {"RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(4)
    ]
    try:
        said = [process.communicate(timeout=300) for process in four]
    finally:
        for process in four:
            process.kill()
    assert [process.returncode for process in four] == [0] * 4, said[1][1][-3000:]
    return json.loads(said[0][0].splitlines()[-1])


@pytest.mark.parametrize(
    "what",
    [
        "plain",
        "two calls of D",
        "one call of D",
        "BatchNorm in G",
        "BatchNorm in D",
        "super-resolution",
        "clipped",
        "relativistic",
        "gradient penalty",
        "four",
    ],
)
def test_three_steps_with_r1_are_those_of_one_process_with_the_whole_batch(answers, what):
    """Weights, their average, running statistics and losses, in float64."""
    assert answers[what] < 1e-9


def test_batch_norm_over_all_is_torchs_own_with_its_gradients(answers):
    assert answers["norms"] < 1e-12


def test_a_branch_of_a_shared_run_goes_on_by_itself(answers):
    assert answers["branch"] is True


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("unequal", "the batch has 47 samples, which 2 processes cannot share equally"),
        ("simultaneous", "simultaneous is True, but on several processes D moves before G"),
        ("sum", "the gradient of G that 2 processes compute from their shards differs by 50.0%"),
        ("spread", "the gradient of D that 2 processes compute from their shards differs by"),
        ("a setting of the turn", "adversarial_weight belongs to the turn"),
        ("different batches", "the processes play with different batches or steps"),
    ],
)
def test_what_would_be_another_step_is_refused_in_a_sentence(answers, what, sentence):
    assert sentence in answers[what]


def test_no_two_processes_get_the_same_z(answers):
    """Half the batch each, of the numbers that one process draws for all of it."""
    shards = torch.tensor(answers["z of each"])
    assert torch.equal(shards.reshape(48, 2), torch.tensor(answers["z of one"]))
    assert len(shards.reshape(48, 2).unique(dim=0)) == 48

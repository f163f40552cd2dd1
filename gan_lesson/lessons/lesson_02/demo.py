"""Lesson 02's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_02.explorers import (
    CirclingExplorer,
    LedgerExplorer,
    PushForwardExplorer,
    SaddleExplorer,
)

DEMONSTRATIONS = (
    Demonstration("push_forward", "What G does to noise", PushForwardExplorer),
    Demonstration("ledger", "Five numbers of one state", LedgerExplorer, height=560),
    Demonstration("saddle", "Where the saddle is", SaddleExplorer),
    Demonstration("circling", "Two players, no rest: f = θ w", CirclingExplorer),
)

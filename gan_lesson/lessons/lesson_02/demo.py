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
    Demonstration("ledger", "The ledger of signs", LedgerExplorer, height=520),
    Demonstration("saddle", "Where the saddle is", SaddleExplorer),
    Demonstration("circling", "Two players, no rest: f = x y", CirclingExplorer),
)

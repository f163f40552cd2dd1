"""The tests that the ward can order: the question of each, and what it shows in health."""

# test: (the question it answers, what it shows in health, on the ring after 600 turns)
TESTS = {
    "curves": (
        "Who is ahead? Do the losses fit D?",
        "D(x) and D(G(z)) from 0.4 to 0.6, D's loss from 1.28 to 1.44",
    ),
    "samples": (
        "Where do samples lie, in what range?",
        "all around the ring, real and generated numbers within ±1",
    ),
    "modes": (
        "How many places are served?",
        "6 to 8 of 8 modes have a fair share, 40 to 70 % of the samples lie at a mode",
    ),
    "D's answers": (
        "Does D separate single samples?",
        "two heaps that overlap around ½, no mean below 0.35 or above 0.65",
    ),
    "gradients": (
        "Do gradients pass? Add up? Have weights grown?",
        "stored is a fifth to five times fresh, the largest layer below 4.5 times its start",
    ),
    "best response": (
        "Could a better D tell them apart?",
        "−V from 1.28 to 1.44, and a new D reaches 0.8 to 1.35",
    ),
    "one step": (
        "What does each line do?",
        "D's step moves G's weights by exactly 0, D's loss is hardly above the bound beside it",
    ),
}
# the same for the recorded runs on digits, after 300 turns
DIGITS_TESTS = {
    "curves": (
        TESTS["curves"][0],
        "strong lines, second half: D(x) from .5 to .65, D(G(z)) from .35 to .5, D's loss from "
        "1.05 to 1.35",
    ),
    "samples": (
        TESTS["samples"][0],
        "shapes like digits, 16 to 19 apart, real and generated numbers within ±1",
    ),
    "classes": (
        "How many of the ten digits are drawn?",
        "10 of 10 digits have a fair share, the largest 15 to 30 %",
    ),
    "nearest images": (
        "Are samples copies of training digits?",
        "the median is 11 to 12, a sample is nearer in 20 to 30 % of all comparisons",
    ),
    "D's answers": (
        TESTS["D's answers"][0],
        "two broad heaps that overlap, the means .1 to .2 apart",
    ),
    "gradients": (
        TESTS["gradients"][0],
        "stored is half to twice fresh, the largest layer below 2 times its start",
    ),
    "best response": (
        TESTS["best response"][0],
        "−V from 1.1 to 1.25, and a new D reaches .1 to .5 here too: 300 turns are few. (Between "
        "two sets of real digits it reaches 1.1, not 1.386: it learns these images by heart)",
    ),
    "one step": TESTS["one step"],
}

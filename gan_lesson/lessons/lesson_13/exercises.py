"""Exercises of lesson 13: a misfit that looks at seen pixels only, and the round trip's loss."""

import torch

from gan_lesson.lessons.kit.exercise import Exercise


def _seen_misfit(images, x, mask):
    """Return the root mean square of images - x over the seen pixels, shape (n,)."""
    squares = (images - x).square() * mask
    return (squares.sum(dim=(1, 2, 3)) / mask.sum()).sqrt()


def _cases():
    """Return answers, an original and a mask, as the lesson has them."""
    own = torch.Generator().manual_seed(0)
    images = (torch.rand(3, 1, 28, 28, generator=own) * 2 - 1).double()
    x = (torch.rand(1, 1, 28, 28, generator=own) * 2 - 1).double()
    upper, corner = torch.zeros(2, 28, 28).double()
    upper[:14] = 1
    corner[:9, :5] = 1
    return [(images, x, upper), (images[:2], x, corner)]


class _OnImages(Exercise):
    """An exercise whose cases are images: too many numbers to print."""

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        shape = tuple(getattr(result, "shape", ()))
        if shape != (n := (len(self.cases[index][0]),)):
            return f"{self.name} gives shape {shape}; one number for each image has shape {n}."
        return f"{self.name} gives numbers that are not right for a mask of this kind."


SEEN_MISFIT = _OnImages(
    "seen_misfit",
    reference=_seen_misfit,
    cases=_cases(),
    mistakes=[
        (
            lambda images, x, mask: ((images - x).square() * mask).mean(dim=(1, 2, 3)).sqrt(),
            "You divide by all 784 pixels. Hidden ones have no squares, so they must not be "
            "counted.",
        ),
        (
            lambda images, x, mask: (images - x).square().mean(dim=(1, 2, 3)).sqrt(),
            "The hidden pixels count here, too, and nobody has seen them.",
        ),
        (
            lambda images, x, mask: (
                ((images - x).square() * (1 - mask)).sum(dim=(1, 2, 3)) / (1 - mask).sum()
            ).sqrt(),
            "This looks at the hidden pixels. In the mask, 1 stands for seen.",
        ),
        (
            lambda images, x, mask: ((images - x).square() * mask).sum(dim=(1, 2, 3)) / mask.sum(),
            "This is the mean of the squares. The root is missing.",
        ),
        (
            lambda images, x, mask: ((images - x).square() * mask).sum(dim=(1, 2, 3)).sqrt(),
            "You add the squares up. A misfit takes their mean, so that large and small masks "
            "can be compared.",
        ),
        (
            lambda images, x, mask: (((images - x) * mask).abs().sum(dim=(1, 2, 3))) / mask.sum(),
            "This is the mean absolute difference. The misfit squares first.",
        ),
        (
            lambda images, x, mask: (
                ((images - x).square() * mask).sum() / mask.sum() / len(images)
            ).sqrt(),
            "You took the mean over all images, too. Each image needs a misfit of its own.",
        ),
        (
            lambda images, x, mask: (images - x).mul(mask).sum(dim=(1, 2, 3)) / mask.sum(),
            "Without squares, too much ink here and too little there cancel.",
        ),
    ],
    hints=(
        "Multiply by the mask before you add up. Which number counts the seen pixels?",
        "A mean is a sum over a number. The mask picks what enters the sum of the squares, and it "
        "also knows how many pixels that are.",
    ),
)


def _cycle_loss(a, b, T, S):
    """Return the mean absolute error of both round trips, added."""
    return (S(T(a)) - a).abs().mean() + (T(S(b)) - b).abs().mean()


def _bent(points):
    return torch.stack([points[:, 1] * 2 + 0.3, points[:, 0].square() - 1], dim=1)


def _pressed(points):
    return torch.stack([points[:, 0] - points[:, 1], 0.5 * points[:, 1]], dim=1)


def _points(n: int, seed: int):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed)).double()


CYCLE_LOSS = Exercise(
    "cycle_loss",
    reference=_cycle_loss,
    cases=[
        (_points(5, 1), _points(5, 2), _bent, _pressed),
        (_points(4, 3), _points(4, 4), _pressed, _bent),
    ],
    mistakes=[
        (
            lambda a, b, T, S: (S(T(a)) - a).abs().mean(),
            "Only the trip from A is here. A point of B must come back as well.",
        ),
        (
            lambda a, b, T, S: (T(S(b)) - b).abs().mean(),
            "Only the trip from B is here. A point of A must come back as well.",
        ),
        (
            lambda a, b, T, S: (T(S(a)) - a).abs().mean() + (S(T(b)) - b).abs().mean(),
            "S takes points of B, and here it gets points of A.",
        ),
        (
            lambda a, b, T, S: (T(a) - b).abs().mean() + (S(b) - a).abs().mean(),
            "This compares a translation with some point of the other domain. There are no pairs: "
            "compare where the trip ends with where it began.",
        ),
        (
            lambda a, b, T, S: (T(a) - a).abs().mean() + (S(b) - b).abs().mean(),
            "This asks a translation to change nothing. The way back is missing.",
        ),
        (
            lambda a, b, T, S: (S(T(a)) - a).square().mean() + (T(S(b)) - b).square().mean(),
            "Here the differences are squared. CycleGAN takes their absolute values.",
        ),
        (
            lambda a, b, T, S: (S(T(a)) - a).abs().sum() + (T(S(b)) - b).abs().sum(),
            "You add up over the points. Take the mean, so that the batch's size does not matter.",
        ),
        (
            lambda a, b, T, S: (
                (S(T(a)) - a).abs().sum(dim=1).mean() + (T(S(b)) - b).abs().sum(dim=1).mean()
            ),
            "You add the two coordinates of each point. The loss is the mean of all numbers.",
        ),
        (
            lambda a, b, T, S: ((S(T(a)) - a).abs().mean() + (T(S(b)) - b).abs().mean()) / 2,
            "You halve the sum of the two trips. The loss is the sum.",
        ),
        (
            lambda a, b, T, S: (S(T(a)) - a).mean().abs() + (T(S(b)) - b).mean().abs(),
            "Take absolute values first and the mean afterwards: otherwise errors cancel.",
        ),
    ],
    hints=(
        "Which function takes points of A? Where does its answer lie, and who takes it back?",
        "Follow a there and back, and compare it with itself. Then do the same with b.",
    ),
)

check_seen_misfit = SEEN_MISFIT.check
check_cycle_loss = CYCLE_LOSS.check

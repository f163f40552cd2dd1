"""Answers to lesson 13's exercises, right and wrong, as learners write them."""

import torch

# --- the misfit on seen pixels -----------------------------------------------------------------

MISFIT = "def seen_misfit(images, x, mask):\n    "
SQUARES = MISFIT + "squares = (images - x) ** 2 * mask\n    "

SEEN_MISFIT_RIGHT = [
    MISFIT + "return (((images - x).square() * mask).sum(dim=(1, 2, 3)) / mask.sum()).sqrt()",
    SQUARES + "return (squares.sum(dim=(1, 2, 3)) / mask.sum()).sqrt()",
    SQUARES + "return torch.sqrt(squares.flatten(1).sum(dim=1) / mask.sum())",
    SQUARES + "return (squares.sum((1, 2, 3)) / (mask == 1).sum()) ** 0.5",
    SQUARES + "return squares.sum(dim=(1, 2, 3)).sqrt() / mask.sum().sqrt()",
    SQUARES + "return (squares.mean(dim=(1, 2, 3)) / mask.mean()).sqrt()",
    SQUARES + "return (squares.mean(dim=(1, 2, 3)) * 784 / mask.sum()).sqrt()",
    MISFIT + "seen = mask.bool()\n    "
    "return (images - x)[..., seen].square().mean(dim=(1, 2)).sqrt()",
    MISFIT + "gap = (images - x)[:, 0][:, mask > 0]\n    return gap.pow(2).mean(dim=1).sqrt()",
    MISFIT + "gap = ((images - x) * mask).flatten(1)\n    "
    "return gap.norm(dim=1) / mask.sum().sqrt()",
    MISFIT + "gap = ((images - x) * mask).flatten(1)\n    "
    "return torch.linalg.vector_norm(gap, dim=1) / mask.sum() ** 0.5",
    MISFIT + "return torch.stack([((i - x[0]) ** 2 * mask).sum().div(mask.sum()).sqrt() "
    "for i in images])",
    MISFIT + "return torch.einsum('nchw,hw->n', (images - x) ** 2, mask).div(mask.sum()).sqrt()",
    """def seen_misfit(images, x, mask):
    misfits = []
    for image in images:
        difference = (image - x[0])[0][mask == 1]
        misfits.append((difference ** 2).mean() ** 0.5)
    return torch.stack(misfits)""",
]
SEEN_MISFIT_WRONG = [
    SQUARES + "return squares.mean(dim=(1, 2, 3)).sqrt()",
    SQUARES + "return squares.sum(dim=(1, 2, 3)) / mask.sum()",
    SQUARES + "return squares.sum(dim=(1, 2, 3)).sqrt()",
    SQUARES + "return (squares.sum() / mask.sum()).sqrt()",
    SQUARES + "return (squares.sum(dim=(1, 2, 3)) / (1 - mask).sum()).sqrt()",
    MISFIT + "return (images - x).square().mean(dim=(1, 2, 3)).sqrt()",
    MISFIT + "return ((images - x).abs() * mask).sum(dim=(1, 2, 3)) / mask.sum()",
    MISFIT + "hidden = 1 - mask\n    "
    "return (((images - x) ** 2 * hidden).sum(dim=(1, 2, 3)) / hidden.sum()).sqrt()",
    MISFIT + "return ((images * mask - x) ** 2).mean(dim=(1, 2, 3)).sqrt()",
    MISFIT + "return torch.nn.functional.mse_loss(images * mask, x * mask).sqrt()",
    MISFIT + "return ((images - x) * mask).sum(dim=(1, 2, 3)) / mask.sum()",
    MISFIT + "return (images - x)[mask].square().mean().sqrt()",
]

# --- the round trips ---------------------------------------------------------------------------

CYCLE = "def cycle_loss(a, b, T, S):\n    "

CYCLE_LOSS_RIGHT = [
    CYCLE + "return (S(T(a)) - a).abs().mean() + (T(S(b)) - b).abs().mean()",
    CYCLE + "return (a - S(T(a))).abs().mean() + (b - T(S(b))).abs().mean()",
    CYCLE + "return torch.abs(S(T(a)) - a).mean() + torch.abs(T(S(b)) - b).mean()",
    CYCLE + "return torch.mean(torch.abs(T(S(b)) - b)) + torch.mean(torch.abs(S(T(a)) - a))",
    CYCLE + "l1 = torch.nn.functional.l1_loss\n    return l1(S(T(a)), a) + l1(T(S(b)), b)",
    CYCLE + "l1 = torch.nn.L1Loss()\n    return l1(a, S(T(a))) + l1(b, T(S(b)))",
    CYCLE + "fake_b, fake_a = T(a), S(b)\n    "
    "return (S(fake_b) - a).abs().mean() + (T(fake_a) - b).abs().mean()",
    CYCLE + "back_a, back_b = S(T(a)), T(S(b))\n    "
    "return (back_a - a).abs().mean() + (back_b - b).abs().mean()",
    CYCLE + "return (S(T(a)) - a).abs().sum() / a.numel() + (T(S(b)) - b).abs().sum() / b.numel()",
    CYCLE + "return ((S(T(a)) - a) ** 2).sqrt().mean() + ((T(S(b)) - b) ** 2).sqrt().mean()",
    CYCLE + "return sum((there_and_back - x).abs().mean() for there_and_back, x in "
    "((S(T(a)), a), (T(S(b)), b)))",
    """def cycle_loss(a, b, T, S):
    def off(x, there, back):
        return (back(there(x)) - x).abs().mean()
    return off(a, T, S) + off(b, S, T)""",
    """def cycle_loss(a, b, T, S):
    loss = 0
    loss = loss + (S(T(a)) - a).abs().mean()
    loss = loss + (T(S(b)) - b).abs().mean()
    return loss""",
    "cycle_loss = lambda a, b, T, S: (S(T(a)) - a).abs().mean() + (T(S(b)) - b).abs().mean()",
]
CYCLE_LOSS_WRONG = [
    CYCLE + "return (S(T(a)) - a).abs().mean()",
    CYCLE + "return (T(S(b)) - b).abs().mean()",
    CYCLE + "return (T(S(a)) - a).abs().mean() + (S(T(b)) - b).abs().mean()",
    CYCLE + "return (T(a) - b[: len(a)]).abs().mean() + (S(b) - a[: len(b)]).abs().mean()",
    CYCLE + "return (T(a) - a).abs().mean() + (S(b) - b).abs().mean()",
    CYCLE + "return (S(T(a)) - a).square().mean() + (T(S(b)) - b).square().mean()",
    CYCLE + "return (S(T(a)) - a).abs().sum() + (T(S(b)) - b).abs().sum()",
    CYCLE + "return (S(T(a)) - a).abs().sum(1).mean() + (T(S(b)) - b).abs().sum(1).mean()",
    CYCLE + "return ((S(T(a)) - a).abs().mean() + (T(S(b)) - b).abs().mean()) / 2",
    CYCLE + "return (S(T(a)) - a).mean().abs() + (T(S(b)) - b).mean().abs()",
    CYCLE + "return (S(T(a)) - a).mean() + (T(S(b)) - b).mean()",
    CYCLE + "return (S(T(a)) - a).abs().mean() - (T(S(b)) - b).abs().mean()",
    CYCLE + "return (S(T(a)) - a).norm() + (T(S(b)) - b).norm()",
]

RIGHT = {"seen_misfit": SEEN_MISFIT_RIGHT, "cycle_loss": CYCLE_LOSS_RIGHT}
WRONG = {"seen_misfit": SEEN_MISFIT_WRONG, "cycle_loss": CYCLE_LOSS_WRONG}


def goes_on_with_the_misfit(seen_misfit):
    """The lesson asks it of one image against itself, and of images with another mask."""
    x, mask = torch.rand(1, 1, 28, 28), torch.zeros(28, 28)
    mask[:20] = 1
    assert float(torch.as_tensor(seen_misfit(x, x, mask))[0]) == 0


GOES_ON = {"seen_misfit": goes_on_with_the_misfit}

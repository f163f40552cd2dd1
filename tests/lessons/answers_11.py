"""Answers to lesson 11's exercises, right and wrong, as learners write them."""

import numpy as np
import torch

# --- PSNR --------------------------------------------------------------------------------------

PSNR = "def psnr(x, x_hat, data_range):\n    "
ERROR = PSNR + "mse = np.mean((x - x_hat) ** 2)\n    "

PSNR_RIGHT = [
    PSNR + "return 10 * np.log10(data_range**2 / np.mean((x - x_hat) ** 2))",
    PSNR + "return 10 * np.log10(data_range**2 / ((x_hat - x) ** 2).mean())",
    ERROR + "return 20 * np.log10(data_range / np.sqrt(mse))",
    ERROR + "return 20 * np.log10(data_range) - 10 * np.log10(mse)",
    ERROR + "return 10 * (2 * np.log10(data_range) - np.log10(mse))",
    ERROR + "return -10 * np.log10(mse / data_range**2)",
    ERROR + "return 10 * np.log(data_range**2 / mse) / np.log(10)",
    ERROR + "return 10 * math.log10(data_range * data_range / mse)",
    ERROR + "return 10 * math.log(data_range**2 / mse, 10)",
    ERROR + "return 10 * np.log2(data_range**2 / mse) / np.log2(10)",
    PSNR + "return 10 * np.log10(1 / np.mean(((x - x_hat) / data_range) ** 2))",
    PSNR + "return -20 * np.log10(np.sqrt(np.mean(np.square(x - x_hat))) / data_range)",
    PSNR + "return 10 * np.log10(data_range**2 * x.size / np.sum(np.square(x - x_hat)))",
    PSNR + "return 10 * np.log10(data_range**2 / np.average(np.abs(x - x_hat) ** 2))",
    PSNR + "x, x_hat = torch.tensor(x), torch.tensor(x_hat)\n    "
    "return 10 * torch.log10(data_range**2 / ((x - x_hat) ** 2).mean())",
    PSNR + "mse = torch.nn.functional.mse_loss(torch.tensor(x), torch.tensor(x_hat)).item()\n    "
    "return 10 * math.log10(data_range**2 / mse)",
    """def psnr(x, x_hat, data_range):
    total = 0.0
    for a, b in zip(x.ravel(), x_hat.ravel()):
        total += (a - b) ** 2
    return 10 * np.log10(data_range ** 2 / (total / x.size))""",
    """def psnr(x, x_hat, data_range):
    difference = (x - x_hat).ravel()
    mse = difference @ difference / len(difference)
    return 10 * np.log10(data_range ** 2 / mse)""",
    "psnr = lambda x, x_hat, R: 10 * np.log10(R ** 2 / np.mean((x - x_hat) ** 2))",
]
PSNR_WRONG = [
    ERROR + "return 20 * np.log10(data_range**2 / mse)",
    ERROR + "return 10 * np.log10(data_range / mse)",
    ERROR + "return 10 * np.log10(1 / mse)",
    ERROR + "return 10 * np.log10(255**2 / mse)",
    ERROR + "return 10 * np.log(data_range**2 / mse)",
    ERROR + "return 10 * np.log10(mse / data_range**2)",
    ERROR + "return np.log10(data_range**2 / mse)",
    ERROR + "return 10 * np.log10(data_range**2 / np.sqrt(mse))",
    ERROR + "return 10 * np.log10(x.max()**2 / mse)",
    ERROR + "return 10 * np.log10((x.max() - x.min())**2 / mse) + 1",
    PSNR + "return 10 * np.log10(data_range**2 / np.sum((x - x_hat) ** 2))",
    PSNR + "return 10 * np.log10(data_range**2 / np.mean(np.abs(x - x_hat)))",
    PSNR + "return 10 * np.log10(data_range**2 / np.mean(x - x_hat) ** 2)",
    PSNR + "return np.mean(10 * np.log10(data_range**2 / (1 + (x - x_hat) ** 2)))",
    PSNR + "return data_range**2 / np.mean((x - x_hat) ** 2)",
]

# --- back-projection ---------------------------------------------------------------------------

FIT = "def back_project(x_hat, y):\n    "

BACK_PROJECT_RIGHT = [
    FIT + "return x_hat + enlarge(y - shrink(x_hat))",
    FIT + "return x_hat + enlarge(y) - enlarge(shrink(x_hat))",
    FIT + "return x_hat - enlarge(shrink(x_hat) - y)",
    FIT + "return enlarge(y) + (x_hat - enlarge(shrink(x_hat)))",
    FIT + "missing = y - shrink(x_hat)\n    return x_hat + enlarge(missing)",
    FIT + "missing = enlarge(y - shrink(x_hat))\n    return torch.add(x_hat, missing)",
    FIT + "x_hat = x_hat.clone()\n    x_hat += enlarge(y - shrink(x_hat))\n    return x_hat",
    FIT + "x_hat += enlarge(y - shrink(x_hat))\n    return x_hat",
    FIT + "small = torch.nn.functional.avg_pool2d(x_hat, 4)\n    return x_hat + enlarge(y - small)",
    FIT + "return x_hat + torch.nn.functional.interpolate(y - shrink(x_hat), scale_factor=4)",
    FIT + "return x_hat + torch.nn.Upsample(scale_factor=4)(y - shrink(x_hat))",
    FIT + "return x_hat + torch.kron(y - shrink(x_hat), torch.ones(1, 1, 4, 4).to(y))",
    FIT + "return x_hat + (y - shrink(x_hat)).repeat_interleave(4, 2).repeat_interleave(4, 3)",
    """def back_project(x_hat, y):
    for _ in range(3):
        x_hat = x_hat + enlarge(y - shrink(x_hat))
    return x_hat""",
    """def back_project(x_hat, y):
    result = x_hat.clone()
    for i in range(7):
        for j in range(7):
            block = result[:, :, 4 * i:4 * i + 4, 4 * j:4 * j + 4]
            block += (y[:, :, i, j] - block.mean(dim=(2, 3)))[:, :, None, None]
    return result""",
    """def back_project(x_hat, y):
    blocks = x_hat.view(-1, 1, 7, 4, 7, 4)
    blocks = blocks - blocks.mean(dim=(3, 5), keepdim=True) + y.view(-1, 1, 7, 1, 7, 1)
    return blocks.reshape(x_hat.shape)""",
    "back_project = lambda x_hat, y: x_hat + enlarge(y - shrink(x_hat, y.shape[-1]))",
]
BACK_PROJECT_WRONG = [
    FIT + "return x_hat - enlarge(y - shrink(x_hat))",
    FIT + "return x_hat + enlarge(shrink(x_hat) - y)",
    FIT + "return x_hat + enlarge(y)",
    FIT + "return enlarge(y - shrink(x_hat))",
    FIT + "return enlarge(y)",
    FIT + "return x_hat + enlarge(y - shrink(x_hat)) / 16",
    FIT + "return x_hat + 16 * enlarge(y - shrink(x_hat))",
    FIT + "return x_hat + 0.5 * enlarge(y - shrink(x_hat))",
    FIT + "return x_hat",
    FIT + "return (x_hat + enlarge(y)) / 2",
    FIT + "return shrink(x_hat + enlarge(y - shrink(x_hat)))",
    FIT + "return x_hat + y - shrink(x_hat)",
    FIT + "return x_hat + enlarge(y - x_hat[:, :, ::4, ::4])",
    FIT + "return (x_hat + enlarge(y - shrink(x_hat))).clamp(-1, 1)",
]


def fits_on(back_project):
    """What the lesson does with it: float32 images, whose small ones must then agree."""
    generator = torch.Generator().manual_seed(3)
    x_hat, y = torch.rand(4, 1, 28, 28, generator=generator), torch.rand(4, 1, 7, 7)
    fitting = back_project(x_hat, y)
    small = torch.nn.functional.avg_pool2d(fitting, 4)
    assert fitting.dtype == torch.float32 and torch.allclose(small, y, atol=1e-5)


def scores_on(psnr):
    """What the lesson does with it: images of shape (1, 28, 28), one pair at a time."""
    x = np.linspace(-1, 1, 784, dtype=np.float32).reshape(1, 28, 28)
    wanted = 10 * np.log10(4 / np.mean((0.1 * x) ** 2))
    assert abs(np.mean([psnr(x, 0.9 * x, 2)] * 2) - wanted) < 1e-3


RIGHT = {"psnr": PSNR_RIGHT, "back_project": BACK_PROJECT_RIGHT}
WRONG = {"psnr": PSNR_WRONG, "back_project": BACK_PROJECT_WRONG}
GOES_ON = {"psnr": scores_on, "back_project": fits_on}

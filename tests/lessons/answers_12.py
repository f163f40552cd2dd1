"""Answers to lesson 12's exercises, right and wrong, as learners write them."""

import torch

# --- AdaIN -------------------------------------------------------------------------------------

ADAIN = "def adain(x, y_s, y_b):\n    "
MEAN = ADAIN + "mean = x.mean(dim=(2, 3), keepdim=True)\n    "
BOTH = MEAN + "sd = x.std(dim=(2, 3), correction=0, keepdim=True)\n    "
WIDE = "y_s, y_b = y_s[:, :, None, None], y_b[:, :, None, None]\n    "
END = "return y_s[:, :, None, None] * (x - mean) / sd + y_b[:, :, None, None]"

ADAIN_RIGHT = [
    BOTH + END,
    BOTH + WIDE + "return y_s * ((x - mean) / sd) + y_b",
    MEAN + "sd = x.std(dim=(2, 3), unbiased=False, keepdim=True)\n    " + END,
    MEAN + "sd = x.var(dim=(2, 3), correction=0, keepdim=True).sqrt()\n    " + END,
    MEAN + "sd = ((x - mean) ** 2).mean(dim=(2, 3), keepdim=True) ** 0.5\n    " + END,
    MEAN + "sd = (x.square().mean((2, 3), keepdim=True) - mean**2).sqrt()\n    " + END,
    MEAN + "sd = torch.std(x, dim=[-2, -1], correction=0, keepdim=True)\n    " + END,
    ADAIN + "sd, mean = torch.std_mean(x, dim=(2, 3), correction=0, keepdim=True)\n    " + END,
    ADAIN + "mean = x.mean((2, 3))[:, :, None, None]\n    "
    "sd = x.std((2, 3), correction=0)[:, :, None, None]\n    " + END,
    ADAIN + "x = torch.nn.functional.instance_norm(x, eps=0)\n    "
    "return x * y_s[..., None, None] + y_b[..., None, None]",
    ADAIN + "x = torch.nn.functional.layer_norm(x, x.shape[2:], eps=0)\n    "
    "return torch.addcmul(y_b[..., None, None], y_s[..., None, None], x)",
    ADAIN + "flat = x.flatten(2)\n    "
    "flat = flat - flat.mean(2, keepdim=True)\n    "
    "flat = flat / flat.std(2, correction=0, keepdim=True)\n    "
    "return (flat * y_s.unsqueeze(2) + y_b.unsqueeze(2)).view_as(x)",
    """def adain(x, y_s, y_b):
    styled = torch.empty_like(x)
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            one = x[i, c]
            styled[i, c] = y_s[i, c] * (one - one.mean()) / one.std(correction=0) + y_b[i, c]
    return styled""",
    MEAN
    + "n = x.shape[2] * x.shape[3]\n    "
    + "sd = x.std(dim=(2, 3), keepdim=True) * ((n - 1) / n) ** 0.5\n    "
    + END,
    "adain = lambda x, s, b: s[..., None, None] * (x - x.mean((2, 3), keepdim=True)) / x.std("
    "(2, 3), correction=0, keepdim=True) + b[..., None, None]",
]
ADAIN_WRONG = [
    *(BOTH.replace("(2, 3)", dim) + END for dim in ("(0, 1)", "0", "1")),
    MEAN + "sd = x.std(dim=(2, 3), keepdim=True)\n    " + END,
    ADAIN + "mean = x.mean(dim=(0, 2, 3), keepdim=True)\n    "
    "sd = x.std(dim=(0, 2, 3), correction=0, keepdim=True)\n    " + END,
    ADAIN + "mean = x.mean(dim=(0, 2, 3), keepdim=True)\n    "
    "sd = x.std(dim=(0, 2, 3), keepdim=True)\n    " + END,
    ADAIN + "mean = x.mean(dim=(1, 2, 3), keepdim=True)\n    "
    "sd = x.std(dim=(1, 2, 3), correction=0, keepdim=True)\n    " + END,
    BOTH + WIDE + "return y_s * ((x - mean) / sd + y_b)",
    BOTH + WIDE + "return y_b * (x - mean) / sd + y_s",
    BOTH + WIDE + "return (1 + y_s) * (x - mean) / sd + y_b",
    BOTH + WIDE + "return y_s * (x - mean) / sd**2 + y_b",
    BOTH + WIDE + "return y_s * x / sd + y_b",
    ADAIN + WIDE + "return y_s * x + y_b",
    BOTH + "return (x - mean) / sd",
    BOTH + WIDE + "return y_s * (x - mean) / sd - y_b",
    BOTH + WIDE + "return y_s.abs() * (x - mean) / sd + y_b",
    ADAIN + "mean, sd = x.mean(), x.std(correction=0)\n    " + END,
    BOTH + "return y_s * (x - mean) / sd + y_b",
    BOTH + WIDE + "return y_s * (x - mean) / (sd + 0.1) + y_b",
]

# --- truncation --------------------------------------------------------------------------------

TRUNCATE = "def truncate(w, mean, psi):\n    "

TRUNCATE_RIGHT = [
    TRUNCATE + "return mean + psi * (w - mean)",
    TRUNCATE + "return psi * w + (1 - psi) * mean",
    TRUNCATE + "return w + (1 - psi) * (mean - w)",
    TRUNCATE + "return w - (1 - psi) * (w - mean)",
    TRUNCATE + "return torch.lerp(mean, w, psi)",
    TRUNCATE + "return mean.lerp(w, psi)",
    TRUNCATE + "return (w - mean) * psi + mean",
    TRUNCATE + "return mean[None, :] + psi * (w - mean[None, :])",
    TRUNCATE + "return torch.add(mean, w - mean, alpha=psi)",
    TRUNCATE + "way = w - mean\n    return mean + psi * way",
    TRUNCATE + "return torch.stack([mean + psi * (one - mean) for one in w])",
    TRUNCATE + "mean = mean.expand_as(w)\n    return mean * (1 - psi) + w * psi",
    TRUNCATE + "w = w - mean\n    w *= psi\n    return w + mean",
    TRUNCATE + "return torch.addcmul(mean.expand_as(w), w - mean, torch.full_like(w, psi))",
    "truncate = lambda w, w_bar, psi: w_bar + psi * (w - w_bar)",
]
TRUNCATE_WRONG = [
    TRUNCATE + "return psi * w",
    TRUNCATE + "return w + psi * (mean - w)",
    TRUNCATE + "return psi * (w - mean)",
    TRUNCATE + "return mean + psi * w",
    TRUNCATE + "return w + psi * (w - mean)",
    TRUNCATE + "return mean - psi * (w - mean)",
    TRUNCATE + "return w.clamp(-psi, psi)",
    TRUNCATE + "return mean + psi**2 * (w - mean)",
    TRUNCATE + "return mean + (w - mean) / psi if psi else mean + 0 * w",
    TRUNCATE + "return mean + (w - mean).clamp(-psi, psi)",
    TRUNCATE + "return torch.lerp(w, mean, psi)",
    TRUNCATE + "return w.mean(dim=0) + psi * (w - w.mean(dim=0))",
    TRUNCATE + "return mean + min(psi, 1.0) * (w - mean)",
]


def styles_maps(adain):
    """What the lesson does with it: float32 maps, and styles of a linear layer, with slopes."""
    draw = torch.Generator().manual_seed(4)
    x = torch.randn(5, 8, 7, 7, generator=draw)
    y_s, y_b = torch.nn.Linear(3, 16)(torch.randn(5, 3, generator=draw)).chunk(2, dim=1)
    styled = adain(x, y_s, y_b)
    assert torch.allclose(styled.mean(dim=(2, 3)).float(), y_b, atol=1e-5)


def truncates(truncate):
    """What the lesson does with it: a row of w for each image, and one mean."""
    draw = torch.Generator().manual_seed(5)
    w, mean = torch.randn(6, 64, generator=draw), torch.randn(64, generator=draw)
    assert torch.allclose(truncate(w, mean, 0.25), 0.25 * w + 0.75 * mean, atol=1e-6)


RIGHT = {"adain": ADAIN_RIGHT, "truncate": TRUNCATE_RIGHT}
WRONG = {"adain": ADAIN_WRONG, "truncate": TRUNCATE_WRONG}
GOES_ON = {"adain": styles_maps, "truncate": truncates}

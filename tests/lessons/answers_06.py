"""Right and wrong answers to lesson 06's exercises; test_answers.py judges them."""

import math

import numpy as np
import torch
from shipped_digits import trained_generator

from gan_lesson.data import load_digits
from gan_lesson.metrics import nearest_training_images


def define(name, arguments, *bodies):
    """Sources of functions with these bodies, of one line or several."""
    return [f"def {name}({arguments}):\n    " + body.replace("\n", "\n    ") for body in bodies]


def values(name, *values):
    return [f"{name} = {value}" for value in values]


RIGHT = {
    "match": values(
        "match",
        '"CADB"',
        '"cadb"',
        '"C, A, D, B"',
        '"C A D B"',
        '" c-a-d-b\\n"',
        '"C/A/D/B"',
        'list("CADB")',
        '("C", "A", "D", "B")',
        '["c", "a", "d", "b"]',
        'np.array(["C", "A", "D", "B"])',
        '{1: "C", 2: "A", 3: "D", 4: "B"}',
        '{4: "B", 3: "D", 2: "A", 1: "C"}',
        '"1 C, 2 A, 3 D, 4 B"',
        '"2 A, 1 C, 4 B, 3 D"',
        '"curves 1: C, curves 2: A, curves 3: D, curves 4: B"',
        '{"C": 1, "A": 2, "D": 3, "B": 4}',
        '{"curves 2": "sheet A", "curves 1": "sheet C", "curves 4": "B", "curves 3": "D"}',
        '[(1, "C"), (2, "A"), (3, "D"), (4, "B")]',
        '"".join(["C", "A"]) + "DB"',
    ),
    "nearest": define(
        "nearest",
        "image, training",
        "squared = (training - image) ** 2\nreturn squared.sum(axis=(1, 2)).argmin()",
        "squared = (training - image) ** 2\nreturn squared.sum(axis=2).sum(axis=1).argmin()",
        "squared = (training - image) ** 2\nreturn np.argmin(squared.mean(axis=(1, 2)))",
        "squared = (training - image) ** 2\n"
        "return squared.reshape(len(training), -1).sum(1).argmin()",
        "return np.argmin([((row - image) ** 2).sum() for row in training])",
        "return min(range(len(training)), key=lambda i: ((training[i] - image) ** 2).sum())",
        "distances = []\nfor row in training:\n"
        "    distances.append(float(((row - image) ** 2).sum()))\n"
        "return distances.index(min(distances))",
        "return np.linalg.norm(training - image, axis=(1, 2)).argmin()",
        "return np.sqrt(((training - image) ** 2).sum(axis=(1, 2))).argmin()",
        "return np.einsum('nij,nij->n', training - image, training - image).argmin()",
        "squared = torch.from_numpy((training - image) ** 2)\n"
        "return squared.sum(dim=(1, 2)).argmin()",
        "return int(torch.cdist(torch.tensor(image).view(1, -1), "
        "torch.tensor(training).view(len(training), -1)).argmin())",
        "squared = (training - image) ** 2\nreturn np.argsort(squared.sum(axis=(1, 2)))[0]",
        "squared = (training - image) ** 2\n"
        "return np.apply_over_axes(np.sum, squared, (1, 2)).argmin()",
        "best, index = math.inf, 0\nfor i, row in enumerate(training):\n"
        "    d = np.square(row - image).sum()\n    if d < best:\n        best, index = d, i\n"
        "return index",
        "training -= image\nreturn (training**2).sum(axis=(1, 2)).argmin()",
    )
    + [
        "nearest = lambda x, rows: ((rows - x) ** 2).sum((-2, -1)).argmin()",
        "def nearest(image, training, axes=(1, 2)):\n"
        "    return np.sum(np.square(training - image), axis=axes).argmin()",
    ],
    "to_sphere": define(
        "to_sphere",
        "z",
        "length = z.norm(dim=1, keepdim=True)\nreturn z / length * z.shape[1] ** 0.5",
        "length = (z**2).sum(dim=1, keepdim=True).sqrt()\nreturn z / length * z.shape[1] ** 0.5",
        "length = torch.linalg.norm(z, dim=1)[:, None]\nreturn z / length * z.shape[1] ** 0.5",
        "length = torch.linalg.vector_norm(z, dim=-1, keepdim=True)\n"
        "return z / length * z.shape[1] ** 0.5",
        "length = z.pow(2).sum(1).sqrt().unsqueeze(1)\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.norm(2, 1).view(-1, 1)\nreturn z / length * math.sqrt(z.shape[1])",
        "return torch.nn.functional.normalize(z, dim=1) * z.shape[1] ** 0.5",
        "return (z.T / z.norm(dim=1)).T * z.shape[1] ** 0.5",
        "return torch.stack([row / row.norm() * len(row) ** 0.5 for row in z])",
        "length = (z * z).mean(dim=1, keepdim=True).sqrt()\nreturn z / length",
        "length = torch.einsum('ij,ij->i', z, z).sqrt().reshape(len(z), 1)\n"
        "return z / length * z.shape[1] ** 0.5",
        "length = torch.tensor([[math.sqrt(sum(v * v for v in row))] for row in z.tolist()])\n"
        "return z / length * z.shape[1] ** 0.5",
        "a = z.numpy()\nlength = np.linalg.norm(a, axis=1, keepdims=True)\n"
        "return a / length * a.shape[1] ** 0.5",
        "length = z.double().norm(dim=1, keepdim=True)\nreturn z / length * z.shape[1] ** 0.5",
        "z /= z.norm(dim=1, keepdim=True)\nz *= z.shape[1] ** 0.5\nreturn z",
    )
    + [
        "to_sphere = lambda x: x * (x.shape[1] ** 0.5 / x.norm(dim=1, keepdim=True))",
        "def to_sphere(z, dim=1):\n    length = z.norm(dim=dim, keepdim=True)\n"
        "    return z / length * z.shape[1] ** 0.5",
    ],
    "direction": define(
        "direction",
        "z, score",
        "high = score > score.median()\nreturn z[high].mean(dim=0) - z[~high].mean(dim=0)",
        "high = score > score.median()\nreturn z[high].mean(0) - z[~high].mean(0)",
        "high = score > score.median()\nlow = score <= score.median()\n"
        "return torch.mean(z[high], dim=0) - torch.mean(z[low], dim=0)",
        "high = score > score.median()\nreturn z[high].mean(axis=0) - z[~high].mean(axis=0)",
        "high = score > score.median()\n"
        "return z[high].sum(0) / high.sum() - z[~high].sum(0) / (~high).sum()",
        "high = score > score.median()\nreturn -(z[~high].mean(dim=0) - z[high].mean(dim=0))",
        "high = score > score.median()\nz_high, z_low = z[high], z[~high]\n"
        "difference = z_high.mean(dim=0)\ndifference -= z_low.mean(dim=0)\nreturn difference",
        "high = score > score.median()\n"
        "return torch.stack([z[high].mean(0), -z[~high].mean(0)]).sum(0)",
        "high = (score > score.median()).float()\n"
        "return (high / high.sum() - (1 - high) / (1 - high).sum()) @ z",
        "high = score > score.median()\nreturn z[high].T.mean(dim=1) - z[~high].T.mean(dim=1)",
        "high = (score > score.median()).numpy()\na = z.numpy()\n"
        "return a[high].mean(axis=0) - a[~high].mean(axis=0)",
        "high = score > score.median()\n"
        "return z[high].double().mean(dim=0) - z[~high].double().mean(dim=0)",
        "high = [i for i, s in enumerate(score) if s > score.median()]\n"
        "low = [i for i, s in enumerate(score) if s <= score.median()]\n"
        "return z[high].mean(dim=0) - z[low].mean(dim=0)",
        "high = score > score.median()\n"
        "return torch.tensor([float(c[high].mean() - c[~high].mean()) for c in z.T])",
        "high = torch.where(score > score.median())[0]\n"
        "low = torch.where(score <= score.median())[0]\n"
        "return z.index_select(0, high).mean(0) - z.index_select(0, low).mean(0)",
    )
    + [
        "direction = lambda z, s: z[s > s.median()].mean(0) - z[s <= s.median()].mean(0)",
    ],
}

WRONG = {
    "match": values(
        "match",
        '"ACDB"',
        '"CABD"',
        '"ABCD"',
        '"CBDA"',
        '"BADC"',
        '"CAD"',
        '"CADBB"',
        '"4C 3A 2D 1B"',
        '"1C 1A 1D 1B"',
        '"1 C, 2 A, 3 D"',
        'list("DACB")',
        '{1: "B", 2: "A", 3: "D", 4: "C"}',
        "3142",
        '""',
        '["C"]',
    ),
    "nearest": define(
        "nearest",
        "image, training",
        "return ((training - image) ** 2).sum(axis=(1, 2)).argmax()",
        "return ((training - image) ** 2).sum(axis=(1, 2)).min()",
        "return ((training - image) ** 2).sum(axis=(1, 2))",
        "return ((training - image) ** 2).argmin()",
        "return ((training - image) ** 2).argmin() // 784",
        "return ((training - image) ** 2).max(axis=(1, 2)).argmin()",
        "return ((training - image) ** 2).min(axis=(1, 2)).argmin()",
        "return np.abs(training - image).sum(axis=(1, 2)).argmin()",
        "return ((training - image) ** 2).sum()",
        "return ((training - image) ** 2).sum(axis=0).argmin()",
        "return ((training - image) ** 2).sum(axis=1).argmin()",
        "return ((training - image) ** 2).sum(axis=1).argmin() // 28",
        "return ((training - image) ** 2)[:, 0].sum(axis=1).argmin()",
        "return ((training - image) ** 2)[:, 14, 14].argmin()",
        "return np.median((training - image) ** 2, axis=(1, 2)).argmin()",
        "return ((training - image).sum(axis=(1, 2)) ** 2).argmin()",
        "return (training - image).sum(axis=(1, 2)).argmin()",
        "return (training * image).sum(axis=(1, 2)).argmax()",
        "return ((training - image) ** 2).sum(axis=(1, 2)).argsort()",
        "return training[((training - image) ** 2).sum(axis=(1, 2)).argmin()]",
        "return (training - image).std(axis=(1, 2)).argmin()",
        "return (np.abs(training - image) ** 1.9).sum(axis=(1, 2)).argmin()",
        "return (np.abs(training - image) ** 2.1).sum(axis=(1, 2)).argmin()",
        "return ((training - image)[:, 4:24, 4:24] ** 2).sum(axis=(1, 2)).argmin()",
        "return ((training - image)[:, 1:-1, 1:-1] ** 2).sum(axis=(1, 2)).argmin()",
        "return 0",
        "return ((training - image) ** 2).sum(axis=(1, 2)).argmin() + 1",
    ),
    "to_sphere": define(
        "to_sphere",
        "z",
        "length = z.norm()\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.norm(dim=1)\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.norm(dim=0)\nreturn z / length * z.shape[1] ** 0.5",
        "length = (z**2).sum(dim=1, keepdim=True)\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.abs().sum(dim=1, keepdim=True)\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.std(dim=1, keepdim=True)\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.abs().max(dim=1, keepdim=True).values\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.norm(dim=1, keepdim=True)\nreturn z / length * 8",
        "length = z.norm(dim=1, keepdim=True)\nreturn z / length",
        "length = z.norm(dim=1, keepdim=True)\nreturn z / length * z.shape[1]",
        "length = z.shape[1] ** 0.5\nreturn z / length * z.shape[1] ** 0.5",
        "length = z.norm(dim=1, keepdim=True).mean()\nreturn z / length * z.shape[1] ** 0.5",
        "length = (z**2).mean(dim=1, keepdim=True).sqrt()\nreturn z / length * z.shape[1] ** 0.5",
        "return z",
    ),
    "direction": define(
        "direction",
        "z, score",
        "high = score > score.median()\nreturn z[~high].mean(dim=0) - z[high].mean(dim=0)",
        "high = score > score.median()\nreturn z[high].mean(dim=0)",
        "high = score > score.median()\nreturn z[high].sum(dim=0) - z[~high].sum(dim=0)",
        "high = score > score.median()\nreturn z[high].mean() - z[~high].mean()",
        "high = score > score.median()\nreturn (z[high].mean(dim=0) + z[~high].mean(dim=0)) / 2",
        "high = score > score.median()\nreturn z[high].mean(dim=1) - z[~high].mean(dim=1)",
        "high = score > score.median()\nreturn z[high].mean(dim=0) - z.mean(dim=0)",
        "high = score > score.mean()\nreturn z[high].mean(dim=0) - z[~high].mean(dim=0)",
        "return z[score.argmax()] - z[score.argmin()]",
        "high = score > score.median()\nd = z[high].mean(dim=0) - z[~high].mean(dim=0)\n"
        "return d / d.norm()",
        "high = score > score.median()\n"
        "return z[high].median(dim=0).values - z[~high].median(dim=0).values",
        "return (z * score[:, None]).mean(dim=0)",
    ),
}


def nearest_goes_on(nearest):
    x, rows = trained_generator()[2][:2, 0].numpy(), load_digits().train.images
    found = [int(nearest(image, rows[:, 0].numpy())) for image in x]
    assert found == nearest_training_images(x[:, None], rows).index.tolist()


def to_sphere_goes_on(to_sphere):
    G, z = trained_generator()[:2]
    z, before = z[:20], z[:20].clone()
    (part,) = to_sphere(z).split(1000)
    assert G(part).shape == (20, 1, 28, 28) and torch.equal(z, before)
    np.testing.assert_allclose(part.norm(dim=1), math.sqrt(64), rtol=1e-5)


def direction_goes_on(direction):
    G, z, x, _ = trained_generator()
    way = direction(z, x.mean(dim=(1, 2, 3)))
    moved = G(z[:20] + 3 * way / way.norm())
    assert moved.mean() > x[:20].mean()


GOES_ON = {
    "nearest": nearest_goes_on,
    "to_sphere": to_sphere_goes_on,
    "direction": direction_goes_on,
}

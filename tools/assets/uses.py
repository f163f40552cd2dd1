"""Lesson 13: a conditional GAN, what training sets are worth, searches behind a mask."""

import time

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from assets.files import Assets
from gan_lesson.data import LabelledImages, load_digits
from gan_lesson.latent_search import on_the_sphere
from gan_lesson.lessons.lesson_13.asked import read_as_asked
from gan_lesson.lessons.lesson_13.inpainting import N_STARTS, mask_of
from gan_lesson.lessons.lesson_13.inpainting import N_STEPS as SEARCH_STEPS
from gan_lesson.lessons.lesson_13.recorded import (
    EACH,
    GENERATOR_FILE,
    SCORES_FILE,
    SEARCHES_FILE,
    SETS,
    load_asked_generator,
)
from gan_lesson.lessons.lesson_13.scarce import (
    N_ADDED,
    accuracy,
    few_labelled,
    labelled_by,
    train_classifier,
)
from gan_lesson.metrics import load_classifier
from gan_lesson.pretrained import as_float16, load_digits_generator
from gan_lesson.recipes import conditional_trainer

ROOM = "lesson_13"
N_STEPS = 6000
OWN_STEPS = 400  # of a conditional GAN on the few labelled digits
DRAWS = 3
HIDDEN = (14, 18, 21)
OF_EACH_CLASS = 20
AT_ONCE = 25  # digits whose searches run side by side, which takes a third of the time


def make_uses(assets: Assets) -> dict:
    """Make all three, on the bundled digits alone."""
    start = time.process_time()
    n_bytes, shares = make_asked(assets)
    return {
        "bytes": n_bytes,
        "scores_kilobytes": make_scores(assets) // 1000 + 1,
        "searches_kilobytes": make_searches(assets) // 1000,
        "seconds": round(time.process_time() - start),
        "steps": N_STEPS,
        "asked": f"{shares.mean():.1%}",
        "worst": f"{shares.min():.1%}",
        "draws": DRAWS,
    }


def make_asked(assets: Assets) -> tuple[int, np.ndarray]:
    """Train the conditional GAN; return its bytes and the shares read as asked."""
    digits = load_digits().train
    trainer = conditional_trainer(digits.images, digits.labels, n_steps=N_STEPS)
    for _ in trainer.run(N_STEPS, every=N_STEPS // 12):
        shares = read_as_asked(trainer.G_ema, each=500)
        print(trainer.step, round(trainer.seconds), shares.mean(), shares.min(), flush=True)
    return assets.write(GENERATOR_FILE, save(as_float16(trainer.G_ema)), ROOM), shares


# --- training sets ---------------------------------------------------------------------------


def make_scores(assets: Assets) -> int:
    """Train a classifier on each set, for each number of labels and each draw; write a table."""
    found = np.zeros((len(SETS), len(EACH), DRAWS))
    for i, each in enumerate(EACH):
        for draw in range(DRAWS):
            found[:, i, draw] = scores_of(few_labelled(each, draw), draw)
            print(each, draw, found[:, i, draw].round(3), flush=True)
    lines = ["set,each," + ",".join(f"draw {draw}" for draw in range(DRAWS))]
    for i, name in enumerate(SETS):
        for j, each in enumerate(EACH):
            numbers = ",".join(f"{number:.4f}" for number in found[i, j])
            lines.append(f"{name.replace(',', '')},{each},{numbers}")
    return assets.write(SCORES_FILE, "\n".join(lines).encode() + b"\n", ROOM)


def scores_of(few: LabelledImages, draw: int) -> list[float]:
    """Return the accuracy on the test digits for each of `SETS`."""
    plain = train_classifier(few, shifts=False, seed=draw)
    own = train_classifier(few, seed=draw)
    found = [accuracy(plain), accuracy(own)]
    for added in added_sets(few, own, draw):
        found.append(accuracy(train_classifier(few, added, seed=draw)))
    return found


def added_sets(few: LabelledImages, own, draw: int):
    """Yield what is added to the labelled digits, from the third of `SETS` on."""
    noise = torch.Generator().manual_seed(100 + draw)
    G = load_digits_generator()
    generated = G(G.sample_z(N_ADDED, noise))
    rows = torch.randperm(10_000, generator=noise)[:N_ADDED]
    yield labelled_by(own, generated)
    yield labelled_by(own, load_digits().train.images[rows])
    yield labelled_by(load_classifier(), generated)
    trainer = conditional_trainer(few.images, few.labels, seed=draw, n_steps=OWN_STEPS)
    trainer.burst(OWN_STEPS)
    yield asked_of(trainer.G_ema, noise)
    yield asked_of(load_asked_generator(), noise)


def asked_of(G, noise: torch.Generator) -> LabelledImages:
    """Return as many images of each digit as are added in all, with what was asked for."""
    labels: Tensor = torch.arange(10).repeat(N_ADDED // 10)
    return LabelledImages(G.draw(labels, noise), labels)


# --- behind the mask -------------------------------------------------------------------------


def make_searches(assets: Assets) -> int:
    """Search for test digits with hidden lower rows; write what was read in the answers."""
    test = load_digits().test
    rows = torch.cat([(test.labels == digit).nonzero()[:OF_EACH_CLASS, 0] for digit in range(10)])
    digits = np.zeros((len(HIDDEN), len(rows), N_STARTS), np.uint8)
    misfit = np.zeros(digits.shape, np.float32)
    for i, hidden in enumerate(HIDDEN):
        for first in range(0, len(rows), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            digits[i, part], misfit[i, part] = fill_in_many(test.images[rows[part]], hidden)
        print("hidden", hidden, flush=True)
    arrays = {
        "rows": rows.numpy(), "hidden": np.array(HIDDEN), "digits": digits, "misfit": misfit,
    }  # fmt: skip
    return assets.write_arrays(SEARCHES_FILE, arrays, ROOM)


def fill_in_many(x: Tensor, hidden: int) -> tuple[np.ndarray, np.ndarray]:
    """Do `fill_in` for each digit of `x`; return what is read, (n, 16), and the misfits, (n, 16).

    All searches start from the z of `fill_in`, and none of them hears of another: Adam moves each
    number by itself.
    """
    mask, G, classifier = mask_of(hidden, 0), load_digits_generator(), load_classifier()
    starts = G.sample_z(N_STARTS, torch.Generator().manual_seed(0))
    z = on_the_sphere(starts.repeat(len(x), 1)).requires_grad_()
    target = x[..., mask].repeat_interleave(N_STARTS, dim=0)
    optimizer = torch.optim.Adam([z], lr=0.1)
    for _ in range(SEARCH_STEPS):
        loss = (G(z)[..., mask] - target).flatten(1).square().mean(dim=1).sum()
        (z.grad,) = torch.autograd.grad(loss, z)
        optimizer.step()
        with torch.no_grad():
            z.copy_(on_the_sphere(z))
    with torch.no_grad():
        images = G(z)
        misfit = (images[..., mask] - target).flatten(1).square().mean(dim=1).sqrt()
        read = classifier(images).argmax(dim=1)
    misfit, read = misfit.view(len(x), N_STARTS), read.view(len(x), N_STARTS)
    order = misfit.argsort(dim=1)
    return read.gather(1, order).numpy(), misfit.gather(1, order).numpy()

"""Train what the package ships: `make pretrained ROOT=folder`, where folder holds MNIST/raw.

`--only PART` makes one part; "clinic", "digits_runs", "uses", "games" and "games_on_digits" want
nothing in that folder.
`--only clinic --trial OTHER` runs all of that part in a minute or two, with one seed and 20 turns
a run, and writes to folders in OTHER; nothing of the package is touched.

    digit_classifier.safetensors    the classifier of `gan_lesson.metrics`, with the statistics of
                                    its features on MNIST's test digits
    forgery.npz                     lesson 00: real digits, forgeries of three stages, and the
                                    probabilities that four discriminators gave them
    digits_generator.safetensors    lesson 06: its generator, trained for minutes
    digits_timeline.npz             the same z drawn at moments of that training, and its curves
    same_seconds.npz                lesson 09: both kinds of GAN after the same seconds
    convolutional_generator.safetensors    lesson 09: the convolutional one's generator
    digits_runs.npz                 lesson 06: short runs, on the bundled digits alone
    restorations.csv                lesson 11: restorations without a network, scored
    answers.npz                     lesson 11: z whose digits fit small images
    four_weights.npz                lesson 11: four runs of a small SRGAN
    restorer_0.safetensors, …       lesson 11: their generators, one for each adversarial weight
    second_classifier.safetensors   lesson 11: a classifier that gives no scores
    asked_generator.safetensors     lesson 13: a conditional GAN's generator
    training_sets.csv               lesson 13: what training sets are worth to a classifier
    behind_the_mask.npz             lesson 13: searches in z for digits of which a part is seen
    members.npz                     lesson 14: who was in the training set, by D and by G
    minority.npz                    lesson 14: what became of a minority
    style_constant.safetensors, style_linear.safetensors    lesson 12: two generators with styles
    style_scores.csv, truncation.csv    lesson 12: what was counted of their images
    games.csv, five_curves.npz      lesson 15: five games on the ring, and their curves
    games_on_digits.csv             lesson 15: digits in another game beside lesson 06's recipe
    clinic_remedies.csv             lesson 10: scores of runs with one remedy each
    clinic_digits.npz               lesson 10: one run of each patient on the bundled digits

PROVENANCE.md says how, and the new checksums go into the SHA256SUMS beside the files.
"""

import argparse
import functools
import json
from collections.abc import Callable
from pathlib import Path

import torch
from assets import clinic
from assets.classifier import make_classifier, make_second_classifier
from assets.digits import make_digits_generator, make_digits_runs
from assets.files import Assets
from assets.forgeries import make_forgeries
from assets.games import make_games
from assets.games_on_digits import make_games_on_digits
from assets.harm import make_harm
from assets.provenance import ROWS, write_provenance
from assets.race import make_race
from assets.style import make_style_scores, make_styles
from assets.super_resolution import make_super_resolution
from assets.uses import make_uses

from gan_lesson.data import load_mnist


def parts_to_make(root: str, assets: Assets, plan: clinic.Plan) -> dict[str, Callable[[], dict]]:
    """Return a function for each part, which makes it and says what PROVENANCE.md tells.

    Args:
        root: folder of MNIST/raw, which is read when a part first asks.
        assets: where the files go.
        plan: how much of the clinic is made.
    """
    mnist = functools.cache(lambda: load_mnist(root))
    return {
        "classifier": lambda: make_classifier(mnist(), assets),
        "forgeries": lambda: make_forgeries(mnist(), assets),
        "digits_generator": lambda: make_digits_generator(mnist(), assets),
        "digits_runs": lambda: make_digits_runs(assets),
        "race": lambda: make_race(mnist(), assets),
        "super_resolution": lambda: make_super_resolution(mnist(), assets),
        "second_classifier": lambda: make_second_classifier(mnist(), assets),
        "uses": lambda: make_uses(assets),
        "harm": lambda: make_harm(mnist(), assets),
        "styles": lambda: make_styles(mnist(), assets),
        "style_scores": lambda: make_style_scores(assets),
        "games": lambda: make_games(assets),
        "games_on_digits": lambda: make_games_on_digits(assets),
        "clinic": lambda: clinic.make_clinic(assets, plan),
    }


def main() -> None:
    """Train, write the files, and write down how."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default="data", help="folder of MNIST/raw")
    parser.add_argument("--only", choices=ROWS, help="make one part, keep the others")
    parser.add_argument("--trial", metavar="OTHER", help="with --only clinic: a short run of it")
    options = parser.parse_args()
    if options.trial and options.only != "clinic":
        parser.error("--trial needs --only clinic")
    assets = Assets(Path(options.trial)) if options.trial else Assets()
    plan = clinic.TRIAL if options.trial else clinic.FULL
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    made = {}
    for part, make in parts_to_make(options.root, assets, plan).items():
        if options.only in (None, part):
            made[part] = make()
            made[part]["kilobytes"] = made[part]["bytes"] // 1000
            made[part]["torch"] = torch.__version__.split("+")[0]
            print(part, json.dumps(made[part]))
    write_provenance(made, assets)


if __name__ == "__main__":
    main()

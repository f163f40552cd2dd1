"""PROVENANCE.md: how each part was made, a row a part."""

from assets.files import Assets

HEAD = """# Where the trained files come from

Made by `make pretrained`, one thread, seed 0; the seconds are those of a busy two-core machine.
What all lessons use lies here, what one lesson uses in its room, `lessons/lesson_NN/assets`.

| file | from | how | result |
|---|---|---|---|
"""
ROWS = {
    "classifier": "| digit_classifier.safetensors | MNIST's 60,000 training digits | 5 epochs, "
    "batch 128, Adam 2e-3 falling to 0; {seconds} s, torch {torch} | {kilobytes} kB; "
    "{accuracy:.2%} right on MNIST's 10,000 test digits; Fréchet distance of the bundled "
    "training digits from them {floor:.2f} |",
    "forgeries": "| forgery.npz | MNIST's 60,000 training digits; the real ones shown are 200 of "
    "its test digits | `fully_connected_pair`, batch 64, Adam(0, .99), lr 2e-3 for G and 5e-4 for "
    "D, falling to 0 over the second half, R1 .05 every 8th step, averaged G (.99); images after "
    "{stages} steps; then an examiner, D trained 3,000 steps more against the late G standing "
    "still, both kinds of images rounded as shown; {seconds} s, torch {torch} | {kilobytes} kB; "
    "4 x 200 images in 16 grey levels, the probabilities of four discriminators for each; lesson "
    "00 prints their scores |",
    "digits_generator": "| digits_generator.safetensors, digits_timeline.npz | MNIST's 60,000 "
    "training digits | `fully_connected_trainer` of lesson 06, {steps:,} steps of 64, its averaged "
    "G as float16; 36 fixed z and 10,000 others at moments of the run; {seconds} s of training, "
    "torch {torch} | {kilobytes} and {timeline_kilobytes} kB; Fréchet distance {distance:.2f} on "
    "the classifier above, rarest digit {rarest:.1%}; samples are nearer to a training digit than "
    "test digits are in {closer:.0%} of all comparisons |",
    "digits_runs": "| digits_runs.npz | the 10,000 bundled training digits | four runs of 600 "
    "steps, one of 2,500 on 1,000 of them, and lesson 06's recipe with one piece changed, 1,000 "
    "or 2,000 steps on two seeds each; {seconds} s, torch {torch} | {kilobytes} kB; lesson 06 "
    "prints them |",
    "clinic": "| clinic_remedies.csv, clinic_digits.npz | the ring; the bundled digits | "
    "`measure_remedy`: {cures} runs of {turns[1]} turns; `record_clinic`: {recorded} runs of "
    "lesson 10's patients with lesson 06's networks, {turns[0]} turns, seeds {first_seed} on, as "
    "the ward shows them; torch {torch} | {kilobytes} and {recorded_kilobytes} kB, scores, samples "
    "and norms, no networks; lesson 10 prints the table |",
    "race": "| convolutional_generator.safetensors, same_seconds.npz | MNIST's 60,000 training "
    "digits | `fully_connected_trainer`, {steps_fc:,} steps, and `convolutional_trainer`, "
    "{steps_conv:,} steps: what fits into {seconds} processor seconds of one thread at paces "
    "measured in turns, with rates that fall to 0 by then; one run each; the averaged "
    "convolutional G as float16; torch {torch} | {kilobytes} and {race_kilobytes} kB; Fréchet "
    "distance {distance_fc:.2f} and {distance_conv:.2f} on the classifier above, rarest "
    "convolutional digit {rarest:.1%} |",
    "super_resolution": "| restorer_0, restorer_0.01, restorer_0.1, restorer_1.safetensors; "
    "four_weights.npz; restorations.csv; answers.npz | MNIST's 60,000 training digits; the bundled "
    "digits; digits_generator | `super_resolution_trainer`, batches of 64, {joins:,} steps of "
    "pixel loss, then four branches with adversarial weights 0, 0.01, 0.1 and 1 to step "
    "{steps:,}, the averaged G as float16; restorations without a network; `search_latent` for a "
    "test digit of each class at three sizes; {seconds} s of training and scoring, torch {torch} | "
    "{kilobytes}, {runs_kilobytes}, {plane_kilobytes} and {answers_kilobytes} kB; on the 2,000 "
    "bundled test digits PSNR {psnr} dB, Fréchet distance {distance} on the classifier above |",
    "second_classifier": "| second_classifier.safetensors | MNIST's 60,000 training digits | as "
    "the classifier above, from seed {seed} and smaller: {numbers:,} numbers, as float16; "
    "{seconds} processor seconds, torch {torch} | {kilobytes} kB; {accuracy:.2%} right on MNIST's "
    "10,000 test digits |",
    "uses": "| asked_generator.safetensors; training_sets.csv; behind_the_mask.npz | the bundled "
    "digits; digits_generator; digit_classifier | `conditional_trainer`, {steps:,} steps of 64, "
    "its averaged G as float16; `train_classifier` on seven training sets, three numbers of "
    "labels and {draws} draws; `fill_in` for 200 test digits behind three masks; {seconds} s, "
    "torch {torch} | {kilobytes}, {scores_kilobytes} and {searches_kilobytes} kB; {asked} of 5,000 "
    "asked digits are read as asked by the classifier above, of the worst digit {worst} |",
    "harm": "| members.npz; minority.npz | MNIST's 60,000 training digits; the bundled digits | "
    "`fully_connected_trainer`, {member_steps:,} steps on 100, 1,000 and 10,000 digits drawn at "
    "random, five seeds each, and what D's logit and the nearest of 4,000 samples say of them and "
    "of 2,000 other training digits; {steps} steps on 1,000 digits 1 and 8, 10 or 2 % of them an "
    "8, five seeds each; {seconds} s, torch {torch} | {kilobytes} and {minority_kilobytes} kB; AUC "
    "of D's logit {auc} |",
    "styles": "| style_constant, style_linear.safetensors | MNIST's 60,000 training digits | "
    "`style_trainer` of lesson 12 with both starts, no images mixed; {steps:,} steps of 64 each, "
    "the averaged G as float16; {seconds} processor seconds of training, torch {torch} | "
    "{kilobytes} kB both; Fréchet distance {distance} on the classifier above, rarest digit "
    "{rarest} |",
    "style_scores": "| style_scores.csv, truncation.csv | style_constant, style_linear, "
    "digits_generator; the 2,000 bundled test digits | {pairs:,} mixtures for each setting "
    "of lesson 12's explorer of swaps, {n:,} images for each of that of truncation, always of the "
    "same z; torch {torch} | {kilobytes} and "
    "{truncation_kilobytes} kB; share of changed digits and of those read as the side's, "
    "ink, precision, recall, Fréchet distance, largest class |",
    "games": "| games.csv, five_curves.npz | wide ring, grid; two bumps in one dimension | five "
    "games, each without a penalty, with R1 + R2 and with two weights of the gradient penalty, and "
    "the Wasserstein game with five steps of D as well; `small_pair` of width {width}, batch 100, "
    "Adam(0, .99) 2e-3 for both, falling to 0, seeds 0 to {last_seed} side by side, one thread; "
    "{seconds_ring} and {seconds_grid} processor seconds a row, all rows played in turns; a run of "
    "600 steps of each game, width 32; {seconds} processor seconds, torch {torch} | {kilobytes} "
    "and {curve_kilobytes} kB; `make bench` makes the table anew, lesson 15 prints it |",
    "games_on_digits": "| games_on_digits.csv | the bundled digits | `fully_connected_trainer` of "
    "lesson 06 with R1 of 0.3 (its recipe), with R1 and R2 of 0.3, and with R1 and R2 of 1 in the "
    "relativistic game; "
    "{seconds} processor seconds each, one thread, seeds 0 to {last_seed}, played in turns, torch "
    "{torch} | {bytes} bytes; mean Fréchet distances on the classifier above: {distances} |",
}

# Tables that `python tools/make_bank.py judge` writes; it says how.
OF_THE_BANK = (
    "| bank_confusion.csv, bank_figures.csv | ring, moons, spiral, two bumps, a grid, letters, the "
    "bundled digits, Fashion-MNIST, a made table and made time series | `tools/make_bank.py`: "
    "{tuned} runs to tune the rules of `diagnose`, {judged} runs of other pairs of data and "
    "network to judge them once, with seeds from {first_seed} on; each run, and what was measured "
    "of it, is kept in tests/core/bank; torch {torch} | counts of the {patients} judged runs that "
    "are not void, and figures; lesson 10 shows the counts |"
)


def write_row_of_the_bank(made: dict, assets: Assets) -> None:
    """Write how the bank's tables were made, leaving all other rows."""
    path = assets.folder() / "PROVENANCE.md"
    lines = [x for x in path.read_text("utf-8").splitlines() if not x.startswith(_begin())]
    path.write_text("\n".join([*lines, OF_THE_BANK.format(**made)]) + "\n", encoding="utf-8")


def _begin() -> str:
    return OF_THE_BANK[: OF_THE_BANK.index(" |", 2)]


def write_provenance(made: dict[str, dict], assets: Assets) -> None:
    """Write how the files were made, keeping the row of a file that was not made now."""
    path = assets.folder() / "PROVENANCE.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = []
    for part, row in ROWS.items():
        begin = row[: row.index(" |", 2)]
        found = [line for line in kept if line.startswith(begin)]
        rows += [row.format(**made[part])] if part in made else found
    rows += [line for line in kept if line.startswith(_begin())]
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")

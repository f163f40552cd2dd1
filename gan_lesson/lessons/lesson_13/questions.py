"""Questions of lesson 13: what a GAN is good for."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.lesson_13.agreement import sure_and_right
from gan_lesson.lessons.lesson_13.recorded import EACH, load_scores

ask_how_often_agreement_is_right = NumberQuestion(
    "Of each of 200 test digits the lower 18 of 28 rows are hidden. For some of them, all answers "
    "that fit are read as the same digit. (If only one answer fits, that counts, too.) In how many "
    "of 100 such cases is it the digit that was written?",
    truth=lambda: 100 * sure_and_right(18)[1],
    tolerance=5,
    low=0,
    high=100,
    step=1,
    unit="of 100",
    why="Only 16 searches were made. A digit that none of them found may fit as well.",
    name="agreement-right",
)

ask_five_training_sets = CurveQuestion(
    "A small network learns from one of the five sets. Which share of the test digits does it read "
    "rightly afterwards? (Within four points counts as right.)",
    [1, 2, 3, 4, 5],
    truth=lambda: load_scores().accuracy[:5, EACH.index(10)].mean(axis=1),
    tolerance=0.04,
    low=0.6,
    high=1.0,
    xlabel="training set",
    ylabel="accuracy on test digits",
    names=(
        "1  the 100\ndigits",
        "2  the 100\nshifted",
        "3  + 3,000 of G\nlabelled by 2",
        "4  + 3,000 real\nlabelled by 2",
        "5  + 3,000 of G\nlabelled by X",
    ),
    why="Shifts are free, and they help. Generated digits with the network's own labels add "
    "about a point. With the labels of X the set is far better. The text below the next claim says "
    "who X is.",
    name="five-training-sets",
)

ask_claim_about_scarce_labels = claim_on_trial(
    "“When labels are scarce, images from a GAN improve a classifier.”",
    ONLY_IF,
    why={
        HOLDS: "With labels from the network itself, generated digits brought about a point on "
        "average in our table, and with 30 labels a class they took one away.",
        ONLY_IF: "In our table they brought more than two points, on average, only where labels "
        "came from outside. With the network's own labels they brought about a point at best.",
        FALSE: "With the labels of X they improved it a lot.",
    },
    name="claim-gan-images-for-scarce-labels",
)

ask_claim_about_label_in_g = claim_on_trial(
    "“It is enough to give the label to G. D sees the image, and a wrong digit looks wrong.”",
    FALSE,
    why="A 7 is a good digit, whatever was asked for. A D that does not know what was asked for "
    "cannot object to it.",
    name="claim-label-into-g-only",
)

YES_TRIP = "yes: otherwise the round trip would not end where it began"
YES_JUDGES = "yes: otherwise a judge would see it"
NOT_ALWAYS = "not in all of them, and no loss tells which"

ask_same_losses = ChoiceQuestion(
    "Several runs differ in their random start alone. In all of them the round trip returns to "
    "its start, and neither judge can tell translations from real points. Do cats become cats in "
    "all of them?",
    [YES_TRIP, YES_JUDGES, NOT_ALWAYS],
    truth=NOT_ALWAYS,
    why="If T sends cats to dogs, and S sends dogs to cats, every round trip ends where it began. "
    "A judge sees points and no kinds.",
    name="same-losses",
)

ask_claim_about_turning = claim_on_trial(
    "“Take a pair T, S. Turn every T(a) by 180° around the middle of B, and turn every b by 180° "
    "before S gets it. If B looks the same upside down, and its judge is turned as well, then the "
    "new pair has the same losses.”",
    HOLDS,
    why="In the round trip from A the two turns cancel. A turned judge answers the turned points "
    "as the old one answered the old points, and B, turned, is B again.",
    name="claim-turned-translation",
)

ask_claim_about_cycles = claim_on_trial(
    "“Cycle consistency makes sure that a translation keeps what an image shows.”",
    FALSE,
    why="It makes sure that one can come back. In some of our starts nearly every cat becomes a "
    "dog, and comes back as the same cat. Where known pairs help, the pairs decide and not the "
    "cycle.",
    name="claim-cycle-consistency",
)

ask_claim_about_distance_and_training = claim_on_trial(
    "“Of two generators, the one with the smaller Fréchet distance makes the better training set.”",
    FALSE,
    why="In Ravuri and Vinyals' table the generator with the larger distance makes the better "
    "training set.",
    name="claim-distance-and-training",
)

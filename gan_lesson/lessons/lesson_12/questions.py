"""Questions of lesson 12, style."""

from gan_lesson.lessons.kit.question import ChoiceQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.style import LAYERS

FORGOTTEN = "nothing changes"
SHIFTED = "only its mean changes"
SCALED = "its mean changes, and its standard deviation becomes five times as large"

ask_five_times = ChoiceQuestion(
    "A map x goes into AdaIN. Now every number of x is made five times as large, and then 3 is "
    "added to it. The style stays as it is. What changes in the output?",
    [SCALED, SHIFTED, FORGOTTEN],
    truth=FORGOTTEN,
    why="Subtracting the mean removes the 3, and dividing by the standard deviation removes the "
    "factor 5. Only the pattern of x is left.",
    name="style-five-times",
)

ask_claim_about_y = claim_on_trial(
    "“In AdaIN, y_s and y_b are the mean and the standard deviation of the style vector y.”",
    FALSE,
    why="Nothing is averaged over y. Each y_s and each y_b is a learned linear function of w. They "
    "become the standard deviation and the mean of the map that comes out.",
    name="claim-style-y",
)

ask_claim_about_one_convolution = claim_on_trial(
    "“Each style controls only one convolution before being overridden by the next AdaIN.”",
    ONLY_IF,
    why={
        HOLDS: "The next AdaIN overrides the mean and the standard deviation of each channel. The "
        "pattern that the convolution has made with the help of the style remains.",
        ONLY_IF: "Of the mean and the standard deviation of each channel it is true: the next "
        "AdaIN sets both anew. The pattern that the convolution has made with the help of the "
        "style remains.",
        FALSE: "Of the mean and the standard deviation of each channel it is true: the next AdaIN "
        "sets both anew, whatever they were.",
    },
    name="claim-style-one-convolution",
)

FIRST = LAYERS[0]

ask_which_layer = ChoiceQuestion(
    "One layer takes its w from the side, and the other two keep that of the top. In the net "
    "with the linear start: which layer alone turns most digits into other digits?",
    LAYERS,
    truth=FIRST,
    why="Layer 1 alone changes 85 digits of 100 with the linear start, and 80 with the constant "
    "start. No other layer changes as many, in either net.",
    name="style-which-layer",
)

ask_claim_about_coarse_and_fine = claim_on_trial(
    "“In a StyleGAN the first, coarse layers set what is shown, and the last ones "
    "its texture only.”",
    ONLY_IF,
    why={
        HOLDS: "In the net with the constant start, layer 3 alone changes 29 digits of 100. So "
        "it does more than texture.",
        ONLY_IF: "It is true of a net that has learnt to share its work so, and nothing in the "
        "loss asks for that. Ours with the linear start comes near to it. In the other, layer 3 "
        "alone changes 29 digits of 100.",
        FALSE: "It is not true of every StyleGAN. But our net with the linear start comes near to "
        "it: its layer 3 changes 7 digits of 100. It depends on what the net has learnt.",
    },
    name="claim-style-coarse-and-fine",
)

ask_claim_about_truncation = claim_on_trial(
    "“Truncation gives better samples.”",
    ONLY_IF,
    why={
        HOLDS: "In lesson 06's net each sample alone is more often like a real digit. But the set "
        "of all samples gets poorer: recall falls, and the Fréchet distance grows.",
        ONLY_IF: "Only if each sample is judged alone and precision rises, which it does in most "
        "of our cases, and not in all. The set of all samples gets poorer: recall falls, and the "
        "Fréchet distance grows.",
        FALSE: "Judged one by one, they are better in lesson 06's net: precision rises. It is the "
        "set of all samples that gets poorer.",
    },
    name="claim-truncation",
)

ask_claim_about_mixing = claim_on_trial(
    "“Mixing regularisation is there to improve the FID.”",
    FALSE,
    why="In StyleGAN's own table it changes the FID from 4.42 to 4.40 on one set of faces, and "
    "from 5.06 to 5.17, which is worse, on the other. It is there so that styles keep to "
    "their layers.",
    name="claim-mixing-fid",
)

ask_claim_about_axes_of_w = claim_on_trial(
    "“W is disentangled, so each number of w stands for one attribute of the image.”",
    FALSE,
    why="Turn w by any rotation, and turn all layers that read w back: the images are the same, "
    "and the numbers of w are others. Nothing in the loss can prefer one set of axes.",
    name="claim-axes-of-w",
)

ask_claim_about_demodulation = claim_on_trial(
    "“Demodulation gives each output channel of a convolution the standard deviation 1.”",
    ONLY_IF,
    why={
        HOLDS: "It divides by what the standard deviation would be if the inputs were "
        "uncorrelated and had standard deviation 1. After a ReLU, for instance, they have less.",
        ONLY_IF: "It divides by what the standard deviation would be if the inputs were "
        "uncorrelated and had standard deviation 1. It computes no statistics.",
        FALSE: "For inputs that are uncorrelated and have standard deviation 1, it does.",
    },
    name="claim-demodulation",
)

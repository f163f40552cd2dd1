"""Questions of lesson 14, whom it can harm."""

from gan_lesson.lessons.kit.question import ChoiceQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

# --- detector ----------------------------------------------------------------------------------

CATCHES_AS_MANY = "it catches about as many as before"
CATCHES_FEW = "it catches fewer than half of them"
CATCHES_MORE = "it catches more than before"

ask_after_saving = ChoiceQuestion(
    "A detector counts the pixels that are exactly −1, and it is right about more than nine of ten "
    "images. Now every image is saved as a file with 256 grey levels, and loaded again. What "
    "happens to the generated ones?",
    [CATCHES_AS_MANY, CATCHES_FEW, CATCHES_MORE],
    truth=CATCHES_FEW,
    why="Saving rounds −0.999 to −1. After that generated paper is nearly as white as real paper.",
    name="after-saving",
)

ask_unseen_generator = ChoiceQuestion(
    "A network has learnt from real digits and from those of one generator, all of them saved. It "
    "catches more than four of five new digits of this generator. How many does it catch of "
    "another generator, which was trained on the same digits?",
    ["about as many", "fewer than half", "nearly all: what is generated can be told"],
    truth="fewer than half",
    why="The network learnt what tells this generator's digits from real ones. That need not be "
    "what tells another's.",
    name="unseen-generator",
)

ask_claim_about_other_gans = claim_on_trial(
    "“A detector that was trained on one GAN finds the images of other GANs, too.”",
    ONLY_IF,
    why={
        HOLDS: "The network caught fewer than half of the other generator's digits. The count of "
        "faint grey caught them, because both generators leave it.",
        ONLY_IF: "Only if the other GAN leaves the trace that the detector has learnt, and if "
        "nobody has removed it. You saw both: both generators leave faint grey, but by what the "
        "network learnt it finds far fewer digits of the other one.",
        FALSE: "The count of faint grey caught nearly all digits of the other generator, which it "
        "had never seen. But that trace can be removed in one line.",
    },
    name="claim-15-other-gans",
)

ask_claim_about_accused = claim_on_trial(
    "“A detector that catches 90 % of the generated images, and accuses only 5 % of the real "
    "ones, can still be wrong about most of those whom it accuses.”",
    HOLDS,
    why="Where generated images are rare, 5 % of the many real ones are more than 90 % of the few "
    "generated ones.",
    name="claim-most-accused",
)

ask_claim_about_average_precision = claim_on_trial(
    "“The AP of this detector on StyleGAN2 is 98 %, so it is right about some 98 % of these "
    "images.”",
    FALSE,
    why="AP asks how well the scores are ordered, whatever the threshold. The published detector "
    "has AP 98.0 % there, and an accuracy of 68.4 % at its own threshold.",
    name="claim-14-average-precision",
)

ask_claim_about_total_variation = claim_on_trial(
    "“Real and generated images have distributions with a total variation of 0.2, and half of the "
    "images are real. Then no detector that judges each image alone is right about more than 60 % "
    "of them on average.”",
    HOLDS,
    why="What the best detector gains over guessing is half of the total variation.",
    name="claim-total-variation",
)

# --- membership --------------------------------------------------------------------------------

BY_D = "D's logit"
BY_G = "how near the nearest of 4,000 samples of G is"
NEITHER = "both are no better than guessing"

ask_who_tells = ChoiceQuestion(
    "A GAN has learnt from 100 digits. Somebody has two digits, one of these hundred and another, "
    "and guesses that the one with the higher score is the member. Which score is right more "
    "often?",
    [BY_D, BY_G, NEITHER],
    truth=BY_D,
    why="D has seen each of the hundred many times, and was told each time that it is real. G has "
    "never seen one; it knows of them only through D's slopes.",
    name="who-tells",
)

ask_claim_about_anonymity = claim_on_trial(
    "“A GAN's images are new, so nobody can learn from the published networks, G and D, who was in "
    "the training set.”",
    FALSE,
    why="That the images are new is no reason. On average D gives members a higher logit than "
    "others, most clearly where members are few. Nobody has to read an image out of a network to "
    "learn that it was used.",
    name="claim-16-anonymous",
)

# --- a minority --------------------------------------------------------------------------------

AS_IN_THE_DATA = "(a), (b) and (c): as many as in the data"
FEWER_THEN_NONE = "(a) and (b) fewer than in the data, (c) hardly any"
FEWER_THEN_SAME = "(a) and (b) fewer than in the data, (c) as many as in (b)"
MORE_FIRST = "(a) more than in the data, (b) as many, (c) about half as many"

ask_three_shares = ChoiceQuestion(
    "Of 1,000 digits 900 are a 1 and 100 are an 8. How many of G's digits are an 8 (a) after 100 "
    "steps, (b) after 450 steps, (c) after 450 steps if each z is multiplied by ½?",
    [AS_IN_THE_DATA, FEWER_THEN_NONE, FEWER_THEN_SAME, MORE_FIRST],
    truth=FEWER_THEN_NONE,
    why="Nine of ten real digits are a 1, so a G that draws mostly a 1 is already hard to tell "
    "from them. And a shorter z stays near the middle of what G draws, where the majority is. "
    "These are explanations; that it happens is what we counted.",
    name="three-shares",
)

ask_claim_about_bias = claim_on_trial(
    "“A GAN draws each group as often as its training data show it.”",
    ONLY_IF,
    why={
        HOLDS: "In our runs G drew the minority less often, and hardly ever after truncation.",
        ONLY_IF: "Only if p_g has become p_data and z is drawn as in training. Before that, and "
        "with shorter z, the minority may be drawn less often or not at all.",
        FALSE: "Where p_g is p_data, and z is drawn as in training, it is true. What it lacks is "
        "this condition.",
    },
    name="claim-17-bias",
)

# --- marks -------------------------------------------------------------------------------------

ask_forger = ChoiceQuestion(
    "A forger does not know the secret pattern, but has 200 published images that carry it, at "
    "strength 16. The forger marks real digits. In how many of them does the test find the mark?",
    ["in hardly any: the pattern is secret", "in about half of them", "in nearly all of them"],
    truth="in nearly all of them",
    why="Every published image carries the same pattern. In the mean of 200 of them the digits "
    "become smooth, and the pattern is left.",
    name="forger",
)

ask_claim_about_marks = claim_on_trial(
    "“If the test finds the watermark, this proves that the image is generated. If it finds none, "
    "this proves that the image is real.”",
    FALSE,
    why="A blur removes the mark, a forger puts it on real images, and another generator never had "
    "it. Presence and absence change what is likely; neither is a proof.",
    name="claim-18-watermark",
)

ask_claim_about_false_alarms = claim_on_trial(
    "“Whoever sets the test's threshold can choose how many unmarked real digits of the same kind "
    "it accuses, and needs no generated image for that.”",
    HOLDS,
    why="The threshold is a quantile of the real digits' own correlations. No generator comes "
    "into it.",
    name="claim-false-alarms",
)

# --- law ---------------------------------------------------------------------------------------

ask_claim_about_the_act = claim_on_trial(
    "“By the AI Act, whoever makes a deep fake has to say that it is one, in private life as "
    "well.”",
    FALSE,
    why="Article 50(4) binds deployers, and by Article 3(4) nobody is a deployer in a personal "
    "non-professional activity.",
    name="claim-19-deep-fakes",
)

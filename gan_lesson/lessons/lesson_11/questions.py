"""Questions of lesson 11, super-resolution."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_error_of_a_guess = NumberQuestion(
    "A coin shows X = +1 or −1, and you see nothing of it. Somebody who always answers 0, the "
    "mean, has the mean squared error 1. Somebody else flips another coin and answers +1 or −1. "
    "What is the mean squared error of these answers?",
    truth=2.0,
    tolerance=0.05,
    low=0,
    high=4,
    step=0.1,
    why="Half of the answers are right and cost 0. The other half are off by 2 and cost 4.",
    name="error-of-a-guess",
)

ask_claim_about_twice = claim_on_trial(
    "“However much of the original is hidden: answers that look exactly like originals can be had "
    "for twice the least mean squared error.”",
    HOLDS,
    why="Draw the answer as nature drew the original, given what is seen. Answer and original are "
    "then two draws of one law, and their squared deviations from the mean add up.",
    name="claim-twice-the-error",
)

ask_claim_about_three_decibels = claim_on_trial(
    "“However much of the original is hidden: perfect realism costs twice the least mean squared "
    "error, and no cheaper answer has exactly the law of the originals.”",
    FALSE,
    why="It is enough that the answers have the law of the originals as a whole. To draw each one "
    "anew, given what is seen, is more than that, and often costs more: here for every ρ "
    "between 0 and 1.",
    name="claim-three-decibels",
)

ask_claim_about_ssim = claim_on_trial(
    "“SSIM compares structure, so images in [−1, 1] may go in as they are, if the range is given "
    "as 2.”",
    FALSE,
    why="SSIM multiplies a comparison of the mean brightness with one of the structure. Where "
    "brightness may be negative, both can be negative, and their product is positive.",
    name="claim-ssim-on-tanh",
)

NEAR_BOTH = "k = 1 is better on both axes"
NEAR_FAR = "k = 1 is more realistic, k = 30 has the higher PSNR"
FAR_NEAR = "k = 30 is more realistic, k = 1 has the higher PSNR"
FAR_BOTH = "k = 30 is better on both axes"

ask_one_or_thirty = ChoiceQuestion(
    "The answer is the mean of the k training digits whose small images are nearest. Compare "
    "k = 1 with k = 30, over 2,000 test digits. Which is nearer to the original (higher PSNR), "
    "and which is more realistic (smaller Fréchet distance)?",
    [NEAR_BOTH, NEAR_FAR, FAR_NEAR, FAR_BOTH],
    truth=NEAR_FAR,
    why="One digit is a real digit, but another person's, so its strokes lie elsewhere. A mean of "
    "30 is grey where they disagree: nowhere far off, and like no digit.",
    name="one-or-thirty",
)

ask_claim_about_psnr = claim_on_trial(
    "“Of two restorations of one photograph, the one with the higher PSNR looks better.”",
    ONLY_IF,
    why={
        HOLDS: "The mean of ten digits has a PSNR two decibels above the nearest digit's, and it "
        "is grey.",
        ONLY_IF: "If they err in the same way, say both by the same kind of noise, less error "
        "looks better. Otherwise PSNR says how near an answer is to this original, and nothing of "
        "how real it looks.",
        FALSE: "With errors of one kind it is true: less noise, for instance, gives a higher PSNR "
        "and a better image.",
    },
    name="claim-higher-psnr",
)

RIGHT_UP = "to a higher PSNR and a smaller Fréchet distance"
LEFT_DOWN = "to a lower PSNR and a smaller Fréchet distance"
LEFT_UP = "to a lower PSNR and a larger Fréchet distance"
STAYS = "it stays where it is: D only sharpens what is there"

ask_where_the_dot_goes = ChoiceQuestion(
    "G first learns with the content loss alone. Then the adversarial loss is added, with weight "
    "0.1. Where does G's dot go on the plane of PSNR and Fréchet distance?",
    [RIGHT_UP, LEFT_DOWN, LEFT_UP, STAYS],
    truth=LEFT_DOWN,
    why="D pulls the answers towards real digits. The content loss had brought them near the "
    "mean, and a step away from it costs squared error.",
    name="where-the-dot-goes",
)

ask_claim_about_falling_psnr = claim_on_trial(
    "“If PSNR falls while a super-resolution GAN trains, the training has failed.”",
    ONLY_IF,
    why={
        HOLDS: "PSNR also falls in healthy runs, after the adversarial loss has begun: that is the "
        "price of realism.",
        ONLY_IF: "Only if the answers do not become more realistic meanwhile. A dot that gets "
        "worse on both axes is a failure.",
        FALSE: "PSNR also falls in a run that diverges, or whose adversarial weight is so large "
        "that nothing is gained for it. The second axis tells.",
    },
    name="claim-falling-psnr",
)

ask_claim_about_two_originals = claim_on_trial(
    "“If two different originals have the same small image, no answer of any network, however "
    "large it is, can be right for both.”",
    HOLDS,
    why="One answer cannot equal two different originals.",
    name="claim-two-originals",
)

ask_claim_about_consistency = claim_on_trial(
    "“A sharp digit that gives back exactly the pixels of the small image, when it is made small, "
    "shows the digit, 0 to 9, that was written.”",
    ONLY_IF,
    why={
        HOLDS: "With 2 × 2 pixels, sharp digits of several classes give back the four numbers "
        "to within 0.01, little more than one grey level of 256.",
        ONLY_IF: "Only if digits of no other class fit those pixels as well. To fit is necessary, "
        "and it is not enough.",
        FALSE: "With 7 × 7 pixels our search found no other class for seven of ten digits: there "
        "it may well be true.",
    },
    name="claim-consistency",
)

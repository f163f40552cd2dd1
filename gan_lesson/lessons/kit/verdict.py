"""Claims on trial: a sentence that tutorials print, and the verdicts that may be given on it."""

from gan_lesson.lessons.kit.question import ChoiceQuestion

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"
VERDICTS = (HOLDS, FALSE)
A_TUTORIAL_SAYS = "A tutorial says: {claim} What is your verdict?"


def claim_on_trial(
    claim: str, truth: str, *, why: str, name: str, wording: str = A_TUTORIAL_SAYS
) -> ChoiceQuestion:
    """Return the question for a verdict on a claim.

    Args:
        claim: the sentence, in quotation marks.
        truth: the right verdict, one of `VERDICTS`.
        why: one or two sentences shown with the truth, plain text.
        name: what the answer is called in `answers()`, "claim-" and its number first.
        wording: what is asked, with {claim} in it.

    Raises:
        ValueError: the truth is no verdict.
    """
    question = wording.format(claim=claim)
    return ChoiceQuestion(question, VERDICTS, truth=truth, why=why, name=name)

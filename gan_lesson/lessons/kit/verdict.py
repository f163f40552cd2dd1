"""Claims on trial: a sentence that sounds right, and the verdicts that may be given on it.

The rule, which lesson 00 tells: a sentence holds if it is true in every case that it speaks of. It
holds only under a condition if it becomes true once it names one condition that it left out
("provided that ..."). It is false if its reason or its conclusion is wrong in what the lesson is
about.
"""

from collections.abc import Mapping

from gan_lesson.lessons.kit.question import ChoiceQuestion

HOLDS = "it holds as it stands"
ONLY_IF = "it holds only under a condition that it does not name"
FALSE = "it is false"
VERDICTS = (HOLDS, ONLY_IF, FALSE)


def claim_on_trial(
    claim: str,
    truth: str,
    *,
    why: str | Mapping[str, str],
    name: str,
) -> ChoiceQuestion:
    """Return the question for a verdict on a claim.

    Args:
        claim: the sentence, in quotation marks.
        truth: the right verdict, one of `VERDICTS`.
        why: one or two sentences shown with the truth, or the feedback for each verdict.
        name: what the answer is called in `answers()`, "claim-" and its number first.

    Raises:
        ValueError: the truth is no verdict.
    """
    question = f"On trial: {claim} What is your verdict?"
    return ChoiceQuestion(question, VERDICTS, truth=truth, why=why, name=name)

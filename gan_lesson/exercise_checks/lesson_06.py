"""What lesson 06 asks before the learner presses Play."""

from gan_lesson.predict import Prediction, predict_choice


def ask_where_d_stands() -> Prediction:
    """Ask where D's two answers settle while both players train."""
    truth = "D(x) a little above ½, D(G(z)) a little below"
    return predict_choice(
        "After a minute of training, where will D(x) and D(G(z)) stand?",
        [
            "D(x) near 1 and D(G(z)) near 0: the detective wins",
            "both exactly ½: the forger has won",
            truth,
        ],
        truth=truth,
        why="Both improve together: D stays a little better than guessing, never far ahead.",
        name="digits-where-d-stands",
    )

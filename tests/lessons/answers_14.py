"""Answers to lesson 14's exercises, right and wrong, as learners write them."""

import numpy as np

# --- Bayes' rule -------------------------------------------------------------------------------

SHARE = "def share_of_accused(caught, accused, share):\n    "
COUNTS = SHARE + "fake = share * caught\n    real = (1 - share) * accused\n    "

SHARE_RIGHT = [
    SHARE + "return share * caught / (share * caught + (1 - share) * accused)",
    SHARE + "return caught * share / (accused * (1 - share) + caught * share)",
    COUNTS + "return fake / (fake + real)",
    COUNTS + "return 1 - real / (fake + real)",
    COUNTS + "return 1 / (1 + real / fake)",
    COUNTS + "return np.divide(fake, np.add(fake, real))",
    SHARE + "odds = share / (1 - share) * caught / accused\n    return odds / (1 + odds)",
    SHARE + "return 1 / (1 + accused * (1 - share) / (caught * share))",
    SHARE + "all_accused = accused + share * (caught - accused)\n    "
    "return share * caught / all_accused",
    SHARE + "n = 1_000_000\n    fake = n * share\n    right, wrong = fake * caught, "
    "(n - fake) * accused\n    return right / (right + wrong)",
    SHARE + "prior = np.array([share, 1 - share])\n    likely = np.array([caught, accused])\n    "
    "return (prior * likely)[0] / (prior @ likely)",
    SHARE + "log = math.log(share * caught) - math.log(share * caught + (1 - share) * accused)\n"
    "    return math.exp(log)",
    SHARE + "s = torch.tensor([share * caught, (1 - share) * accused], dtype=torch.float64)\n    "
    "return float(s[0] / s.sum())",
    """def share_of_accused(caught, accused, share):
    kinds = {"generated": share * caught, "real": (1 - share) * accused}
    return kinds["generated"] / sum(kinds.values())""",
    "share_of_accused = lambda c, a, s: s * c / (s * c + (1 - s) * a)",
]
SHARE_WRONG = [
    SHARE + "return caught / (caught + accused)",
    SHARE + "return share * caught / (share * caught + accused)",
    SHARE + "return share * caught",
    COUNTS + "return fake + real",
    COUNTS + "return real / (fake + real)",
    COUNTS + "return fake / real",
    SHARE + "return (1 - share) * caught / ((1 - share) * caught + share * accused)",
    SHARE + "return share * caught / (share * caught + (1 - share) * (1 - accused))",
    SHARE + "return caught",
    SHARE + "return caught * (1 - accused)",
    SHARE + "return share * caught / (caught + accused)",
    COUNTS + "return (fake - real) / (fake + real)",
    COUNTS + "return round(fake / (fake + real), 1)",
]

# --- TPR at a given FPR ------------------------------------------------------------------------

TPR = "def tpr_at_fpr(members, others, fpr):\n    "
CUT = TPR + "threshold = np.quantile(others, 1 - fpr)\n    "

TPR_RIGHT = [
    CUT + "return np.mean(members > threshold)",
    CUT + "return (members > threshold).mean()",
    CUT + "return np.mean(members >= threshold)",
    CUT + "return np.sum(members > threshold) / len(members)",
    CUT + "return sum(m > threshold for m in members) / len(members)",
    CUT + "return 1 - np.mean(members <= threshold)",
    CUT + "return np.count_nonzero(members > threshold) / members.size",
    TPR + "return np.mean(members > np.percentile(others, 100 * (1 - fpr)))",
    TPR + "threshold = np.quantile(others, 1 - fpr, method='higher')\n    "
    "return np.mean(members > threshold)",
    TPR + "threshold = np.sort(others)[::-1][round(fpr * len(others))]\n    "
    "return np.mean(members > threshold)",
    TPR + "threshold = np.sort(others)[-round(fpr * len(others))]\n    "
    "return np.mean(members >= threshold)",
    TPR + "threshold = -np.quantile(-others, fpr)\n    return np.mean(members > threshold)",
    TPR + "o = torch.tensor(others)\n    threshold = torch.quantile(o, 1 - fpr).item()\n    "
    "return np.mean(members > threshold)",
    """def tpr_at_fpr(members, others, fpr):
    best = 0.0
    for threshold in others:
        if np.mean(others > threshold) <= fpr + 1e-9:
            best = max(best, np.mean(members > threshold))
    return best""",
    "tpr_at_fpr = lambda m, o, fpr: np.mean(m > np.quantile(o, 1 - fpr))",
]
TPR_WRONG = [
    TPR + "return np.mean(members > np.quantile(members, 1 - fpr))",
    TPR + "return np.mean(members > np.quantile(others, fpr))",
    CUT + "return np.mean(others > threshold)",
    CUT + "return np.mean(members < threshold)",
    CUT + "return np.sum(members > threshold)",
    TPR + "return np.mean(members > 1 - fpr)",
    TPR + "both = np.concatenate([members, others])\n    "
    "return np.mean(members > np.quantile(both, 1 - fpr))",
    TPR + "return np.mean(members > others.max())",
    TPR + "return np.mean(members > others.mean())",
    CUT + "return np.mean(members > threshold) - fpr",
    CUT + "return threshold",
    CUT + "return np.mean(members > threshold) / fpr",
]


def shares_on(share_of_accused):
    """What the lesson does with it."""
    assert f"{share_of_accused(0.9, 0.05, 0.01):.3f}" == "0.154"


def names_on(tpr_at_fpr):
    """What the lesson does with it: float32 logits of D."""
    rng = np.random.default_rng(0)
    members, others = (rng.normal(m, 1, n).astype(np.float32) for m, n in ((1, 100), (0, 2000)))
    named = tpr_at_fpr(members, others, 0.01)
    assert 0.02 < named < 0.4 and f"{named:.0%}"


RIGHT = {"share_of_accused": SHARE_RIGHT, "tpr_at_fpr": TPR_RIGHT}
WRONG = {"share_of_accused": SHARE_WRONG, "tpr_at_fpr": TPR_WRONG}
GOES_ON = {"share_of_accused": shares_on, "tpr_at_fpr": names_on}

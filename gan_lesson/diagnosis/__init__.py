"""What a run's curves, gradients and samples say: a field kit for anybody's GAN.

    report = diagnose(history, samples=x_fake, real=x_real, D=D, G=G)
    print(report)                  # ranked findings, with evidence and the next test
    report.name, report.certainty  # "healthy", .97

Only the history is needed; whatever else is given makes it surer. `curves`, `standstill`,
`samples`, `networks` and `optimisers` look for signs, each a number between 0 (absent) and 1
(plain) by the thresholds of `signs`; `rules` says what they weigh, and `verdict` ranks the
findings. Thresholds and weights were tuned on one half of a bank of runs with planted faults,
frozen, and judged on the other half, whose pairs of data and network they had never seen
(tools/make_bank.py, tests/core/test_bank.py; lesson 10 shows the table).
"""

from gan_lesson.diagnosis.examine import diagnose
from gan_lesson.diagnosis.networks import fresh_gradients, stored_gradients, weight_sizes
from gan_lesson.diagnosis.optimisers import first_step
from gan_lesson.diagnosis.rules import HEALTHY, NEXT_TESTS, WEIGHTS
from gan_lesson.diagnosis.samples import occupied_places
from gan_lesson.diagnosis.signs import THRESHOLDS, Sign
from gan_lesson.diagnosis.verdict import Diagnosis, Finding

__all__ = [
    "HEALTHY",
    "NEXT_TESTS",
    "THRESHOLDS",
    "WEIGHTS",
    "Diagnosis",
    "Finding",
    "Sign",
    "diagnose",
    "first_step",
    "fresh_gradients",
    "occupied_places",
    "stored_gradients",
    "weight_sizes",
]

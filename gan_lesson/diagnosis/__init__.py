"""What a run's curves, gradients and samples say: a field kit for anybody's GAN.

    report = diagnose(history, samples=x_fake, real=x_real, D=D, G=G)
    print(report)                  # ranked findings, with evidence and the next test
    report.name, report.certainty  # "healthy", .97

Only the history is needed; whatever else is given makes it surer. `curves`, `samples`, `networks`
and `optimisers` look for signs, each a number between 0 (absent) and 1 (plain) by the thresholds
of `signs`; `verdict` weighs them. The thresholds were tuned on the ring and on 1-D bumps, frozen,
and judged on moons, digits and Fashion-MNIST (lesson 10). The signs of the optimisers came later,
when digits had been seen, and are judged separately.
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

"""What the tests of lesson 02 share: its text, numbers in a line, and V by quadrature."""

import inspect
import re

import scipy.integrate
import scipy.special
import scipy.stats
from lesson_text import LessonText

from gan_lesson.lessons.lesson_02.explorers import PushForwardExplorer

LESSON = LessonText("02_the_minimax_value_function")
TARGET = inspect.signature(PushForwardExplorer).parameters["target"].default


def numbers(text):
    return [float(n.replace("−", "-")) for n in re.findall(r"[-−+]?\d*\.?\d+(?:e-\d+)?", text)]


def log_d_terms(theta, w):
    """V of the saddle's game by adaptive quadrature, from log_expit."""

    def integrand(z):
        both = scipy.special.log_expit(w * z) + scipy.special.log_expit(-w * (z + theta))
        return scipy.stats.norm.pdf(z) * both

    return scipy.integrate.quad(integrand, -15, 15, epsabs=1e-12, limit=200)[0]

"""Lessons and tools to learn, train and watch generative adversarial networks.

Importing this package is instant: it loads neither torch nor a widget. Names below are
fetched from their modules when first used, for example::

    from gan_lesson import History, LiveCurves
"""

import sys
from importlib import import_module

from gan_lesson.older_copies import ModulesOf01

# Its first two numbers change when a notebook made for the version before would no longer run; the
# set-up cells in notebooks/text say them too.
__version__ = "0.2.0"

sys.meta_path.insert(0, ModulesOf01)  # first: a pull leaves old folders, empty but for caches

_HOME_OF = {
    "History": "history",
    "LiveCurves": "live",
    "LivePanel": "live",
    "Trainer": "trainer",
    "TrainingPlayer": "player",
    "built_for": "older_copies",
    "diagnose": "diagnosis",
    "discriminator_loss": "losses",
    "generator_loss": "losses",
    "load_digits": "data",
    "load_mnist": "data",
    "plot_history": "plots",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str):
    """Import the module that defines `name` when it is first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'gan_lesson' has no attribute {name!r}")
    return getattr(import_module(f"gan_lesson.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return [*__all__, "__version__"]

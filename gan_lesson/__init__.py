"""Lessons and tools to learn, train and watch generative adversarial networks.

Importing this package is instant: it loads neither torch nor a widget. Names below are
fetched from their modules when first used, for example::

    from gan_lesson import History, LiveCurves
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME_OF = {
    "History": "history",
    "LiveCurves": "live",
    "LivePanel": "live",
    "Trainer": "trainer",
    "TrainingPlayer": "player",
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

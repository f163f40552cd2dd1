"""Callbacks that fill a `History` where a framework owns the loop: one module a framework.

    from gan_lesson.callbacks.lightning import HistoryCallback   # needs lightning >= 2.2
    from gan_lesson.callbacks.keras import HistoryCallback       # needs keras >= 3.0

Each takes what the user's own step logs, knows its names as `old_runs` does, and adds a row a
batch. Nothing here is imported unless it is asked for.
"""

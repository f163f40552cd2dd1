"""A Keras 3 callback: one row of a `History` for each training batch."""

from collections.abc import Mapping

import keras

from gan_lesson.callbacks.logged import LoggedRows


class HistoryCallback(keras.callbacks.Callback):
    """Fill a history with the numbers that a model's `train_step` returns.

        watch = HistoryCallback()
        gan.fit(images, callbacks=[watch])      # train_step returns {"d_loss": …, "g_loss": …}
        watch.history

    Where `train_step` returns the result of a `keras.metrics.Mean` whose name is the key, as many
    examples do, Keras hands over the mean since the epoch began. The batch's own number is taken
    out of it again: the change of the metric's total over that of its count, and a gap where the
    metric was not updated. (With JAX metrics cannot be read within an epoch: there the mean
    stays.)

    Args:
        history: a `History` to fill; a new one with `conventions` if left out.
        curves: a `LiveCurves` of that history, redrawn while it trains.
        names: {logged name: our column}; without it, names such as "d_loss", "D(x)" or
            "real_score" are known, and a number of another name becomes a further column.
        conventions: loss, losses and generator_loss of a new `History`.

    Raises:
        ValueError: a history and conventions are given together, or `curves` show another; in
            training, what `History.append` refuses.
    """

    def __init__(self, history=None, *, curves=None, names: Mapping | None = None, **conventions):
        super().__init__()
        self._rows = LoggedRows(history, curves, names, conventions)
        self._before: dict[str, tuple[float, float]] = {}

    @property
    def history(self):
        """The history that is filled."""
        return self._rows.history

    def on_epoch_begin(self, epoch, logs=None) -> None:
        """Metrics begin at zero in each epoch."""
        self._before = {}

    def on_train_batch_end(self, batch, logs=None) -> None:
        """Add the batch's row."""
        self._rows.add(self._of_this_batch(logs or {}))

    def on_train_end(self, logs=None) -> None:
        """Draw the last state."""
        self._rows.end()

    def _of_this_batch(self, logs: Mapping) -> dict:
        """Return the logs with running means replaced by the batch's own numbers."""
        if keras.backend.backend() == "jax":
            return dict(logs)
        means = {m.name: m for m in self.model.metrics if type(m) is keras.metrics.Mean}
        found = {}
        for name, value in logs.items():
            if name not in means:
                found[name] = value
                continue
            total, count = float(means[name].total), float(means[name].count)
            total_before, count_before = self._before.get(name, (0.0, 0.0))
            self._before[name] = total, count
            if count > count_before:
                found[name] = (total - total_before) / (count - count_before)
        return found

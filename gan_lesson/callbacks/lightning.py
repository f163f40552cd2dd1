"""A Lightning callback: one row of a `History` for each training batch."""

from collections.abc import Mapping

from gan_lesson.callbacks.logged import LoggedRows

try:
    from lightning.pytorch import Callback
except ImportError:  # the package's older name
    from pytorch_lightning import Callback


class HistoryCallback(Callback):
    """Fill a history with what a module logs in `training_step`.

        watch = HistoryCallback(losses="mean")
        Trainer(callbacks=[watch]).fit(gan, loader)     # gan calls self.log("d_loss", …)
        watch.history

    A GAN has two optimisers, so Lightning 2 asks for manual optimisation. What `self.log` gets in
    a batch is one row, as it was given: neither averaged nor repeated. What a batch does not log
    is a gap, so a module that updates G in every fifth batch logs g_loss there alone.

    Args:
        history: a `History` to fill; a new one with `conventions` if left out.
        curves: a `LiveCurves` of that history, redrawn while it trains.
        names: {logged name: our column}; without it, names such as "d_loss", "errD", "D(x)" or
            "train/g_loss" are known, and a number of another name becomes a further column.
        conventions: loss, losses and generator_loss of a new `History`.

    Raises:
        ValueError: a history and conventions are given together, or `curves` show another; in
            training, what `History.append` refuses.
    """

    def __init__(self, history=None, *, curves=None, names: Mapping | None = None, **conventions):
        super().__init__()
        self._rows = LoggedRows(history, curves, names, conventions)
        self._logged: dict = {}

    @property
    def history(self):
        """The history that is filled."""
        return self._rows.history

    def on_fit_start(self, trainer, pl_module) -> None:
        """Listen to what the module logs; `callback_metrics` would repeat older values."""
        log = type(pl_module).log

        def listening(name, value, *arguments, **options):
            self._logged[name] = value
            return log(pl_module, name, value, *arguments, **options)

        pl_module.log = listening

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx) -> None:
        """Forget what was logged between two batches, by a validation for example."""
        self._logged = {}

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        """Add the batch's row; of several processes only the first does."""
        if trainer.is_global_zero:
            self._rows.add(self._logged)

    def on_train_end(self, trainer, pl_module) -> None:
        """Draw the last state."""
        if trainer.is_global_zero:
            self._rows.end()

    def teardown(self, trainer, pl_module, stage: str) -> None:
        """Stop listening."""
        vars(pl_module).pop("log", None)

    def on_exception(self, trainer, pl_module, exception) -> None:
        """Stop listening, because a fit that ends so is not torn down."""
        self.teardown(trainer, pl_module, "fit")

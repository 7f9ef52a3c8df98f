"""Learning curves: loss, accuracy and learning rate over the epochs."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from convatlas.plots.figure import ACCENT, FAINT, SECOND, new_figure, style
from convatlas.training.records import EpochRecord


def draw_curves(history: Sequence[EpochRecord], title: str) -> Figure:
    """Three panels; the chosen epoch is marked.

    Args:
        history: at least one epoch.
        title: over all panels.
    """
    epochs = [record.epoch for record in history]
    validated = [r for r in history if r.validation_loss is not None]
    with style():
        figure = new_figure(10, 3.2)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        loss, accuracy, rate = figure.subplots(1, 3)
        loss.plot(epochs, [r.train_loss for r in history], color=ACCENT, marker=".")
        accuracy.plot(
            epochs,
            [r.train_accuracy for r in history],
            color=ACCENT,
            marker=".",
            label="training",
        )
        if validated:
            at = [r.epoch for r in validated]
            loss.plot(
                at,
                [r.validation_loss or 0.0 for r in validated],
                color=SECOND,
                marker=".",
            )
            accuracy.plot(
                at,
                [r.validation_accuracy or 0.0 for r in validated],
                color=SECOND,
                marker=".",
                label="validation",
            )
        chosen = [r for r in history if r.best][-1:]
        for record in chosen:
            for axes in (loss, accuracy):
                axes.axvline(record.epoch, color=FAINT, linestyle=":", zorder=0)
            if record.validation_accuracy is not None:
                accuracy.annotate(
                    f"kept: epoch {record.epoch}, {record.validation_accuracy:.2%}",
                    (record.epoch, record.validation_accuracy),
                    xytext=(-6, -16),
                    textcoords="offset points",
                    ha="right",
                )
        rate.plot(epochs, [r.lr for r in history], color=ACCENT, marker=".")
        loss.set_title("loss")
        accuracy.set_title("accuracy")
        rate.set_title("learning rate at the epoch's end")
        accuracy.yaxis.set_major_formatter(PercentFormatter(1))
        accuracy.legend(loc="lower right")
        rate.set_ylim(bottom=0)
        for axes in (loss, accuracy, rate):
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return figure

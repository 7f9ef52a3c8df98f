"""What ``convatlas evaluate`` says of each kind of run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from convatlas.cli.terminal import new_table, percent, print_table

if TYPE_CHECKING:
    from convatlas.verbs.evaluate import (
        BoxEvaluation,
        Evaluation,
        Mistake,
        NumberEvaluation,
    )
    from convatlas.verbs.evaluate.number_figures import Group

MOST_CLASSES = 40  # that are listed in the terminal
MOST_MISTAKES = 5


def show_classes(out: Console, figures: "Evaluation", network: str) -> None:
    """Of a run that tells classes apart."""
    low, high = figures.interval
    out.print(
        f"[bold]{network}[/] on [bold]{figures.data}[/], "
        f"{figures.split}: [bold]{percent(figures.accuracy)}[/] of {figures.count:,} "
        f"right (95 % interval {percent(low)} to {percent(high)})"
    )
    out.print(
        f"loss {figures.loss:.4f}, calibration error "
        f"{percent(figures.calibration_error)}, {figures.images_per_second:,.0f} "
        f"images/s on {figures.processor}"
    )
    table = new_table("class", ">pictures", ">found", ">right when said")
    for one in figures.classes[:MOST_CLASSES]:
        table.add_row(
            one.name, f"{one.count:,}", percent(one.recall), percent(one.precision)
        )
    print_table(out, table)
    if len(figures.classes) > MOST_CLASSES:
        out.print(f"... {len(figures.classes) - MOST_CLASSES} more classes in the file")
    _mistakes(out, figures.mistakes)


def show_numbers(out: Console, figures: "NumberEvaluation", network: str) -> None:
    """Of a run that reads numbers."""
    low, high = figures.interval
    height, width = figures.input_size
    out.print(
        f"[bold]{network}[/] on [bold]{figures.data}[/], {figures.split}, "
        f"{figures.shown}: [bold]{percent(figures.accuracy)}[/] of {figures.count:,} "
        f"numbers right (95 % interval {percent(low)} to {percent(high)})"
    )
    looks = "" if figures.looks == 1 else f", {figures.looks} looks averaged"
    out.print(
        f"digits right {percent(figures.digit_accuracy)}, loss {figures.loss:.4f}, "
        f"shown at {height}×{width}{looks}, {figures.images_per_second:,.0f} images/s "
        f"on {figures.processor}"
    )
    out.print(
        f"calibration error {percent(figures.calibration_error)} at temperature "
        f"{figures.temperature:.3f} from validation "
        f"({percent(figures.calibration_error_before)} before)"
    )
    if figures.too_long:
        out.print(
            f"longer than the {figures.longest} digits that this network can say, and "
            f"so wrong whatever it answers: {figures.too_long:,}"
        )
    if figures.at_goal is None:
        out.print("coverage at 98 % right: none, not even the surest are")
    else:
        out.print(
            f"coverage at 98 % right: [bold]{percent(figures.at_goal.coverage)}[/] "
            f"(confidence {figures.at_goal.confidence:.3f} and more)"
        )
    if figures.min_confidence:
        given = figures.answered
        out.print(
            f"confidence {figures.min_confidence:g} and more: "
            f"{percent(given.count / figures.count)} answered, of these "
            f"[bold]{percent(given.accuracy)}[/] right"
        )
    _groups(out, "digit", "digits", figures.places)
    _groups(out, "length", "pictures", figures.lengths)
    _groups(out, "digits' height, pixels", "pictures", figures.sizes)
    _mistakes(out, figures.mistakes)


def show_boxes(out: Console, figures: "BoxEvaluation", network: str) -> None:
    """Of a run that finds numbers."""
    low, high = figures.interval
    out.print(
        f"[bold]{network}[/] on [bold]{figures.data}[/], {figures.split}, "
        f"{figures.shown}: mean IoU [bold]{figures.mean_iou:.3f}[/] of "
        f"{figures.count:,} boxes"
    )
    out.print(
        f"above .5: {percent(figures.above_half)} (95 % interval {percent(low)} to "
        f"{percent(high)}), above .75: {percent(figures.above_three_quarters)}, "
        f"{figures.images_per_second:,.0f} images/s on {figures.processor}"
    )
    if figures.without_box:
        out.print(f"{figures.without_box:,} pictures without a box are not counted")
    for one in figures.pictures[:MOST_MISTAKES]:
        place = one.file or f"picture {one.index}"
        out.print(f"worst: {place}, IoU {one.iou:.2f}", style="dim")


def _groups(out: Console, name: str, of: str, groups: "Sequence[Group]") -> None:
    if not groups:
        return
    table = new_table(name, f">{of}", ">right", ">95 % interval")
    for one in groups:
        low, high = (percent(edge) for edge in one.interval)
        interval = f"{low} to {high}" if one.count else "–"
        table.add_row(one.name, f"{one.count:,}", percent(one.accuracy), interval)
    print_table(out, table)


def _mistakes(out: Console, mistakes: "Sequence[Mistake]") -> None:
    for mistake in mistakes[:MOST_MISTAKES]:
        place = mistake.file or f"picture {mistake.index}"
        out.print(
            f"surest mistake: {place} is {mistake.true}, read as "
            f"{mistake.predicted or 'nothing'} ({mistake.confidence:.0%})",
            style="dim",
        )

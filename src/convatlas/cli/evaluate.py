"""``convatlas evaluate``."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.cli.input_size import parse_size

app = new_app("evaluate")

Several = Annotated[list[float] | None, Parameter(consume_multiple=True, negative=())]


@app.default
def evaluate(
    run: Path | None = None,
    /,
    *,
    split: Literal["train", "validation", "test"] = "test",
    data: str | None = None,
    view: Literal["whole", "number"] | None = None,
    margin: Several = None,
    test_resize: str | None = None,
    decode: Literal["blank", "likeliest"] = "blank",
    min_confidence: float = 0.0,
    data_dir: Path | None = None,
    device: str = "auto",
    skip_bad: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Measure a run: accuracy with a 95 % interval, per class, confusion, mistakes.

    Writes the figures into the run (test.json) with pictures of the confusion matrix
    and of the surest mistakes. Choose on validation, report on test: the test split is
    read by this command alone.

    A run that reads house numbers is measured by whole numbers: also by place, by
    length, by the size of the digits and by confidence, which is calibrated on the
    validation pictures. One that finds them is measured by its boxes.

    Parameters
    ----------
    run
        A run directory; the newest one in runs/ if none.
    split
        What to measure on.
    data
        Another data set with the same classes; the run's own if none.
    view
        Of numbers: show whole pictures or true crops; as the run was trained if none.
    margin
        Of numbers: margins of the crops a side, share of the number's size; several
        are looked at and averaged (--margin .05 .15 .25). Below zero, of whole
        pictures: what is left away.
    test_resize
        Of numbers: height×width to show them in instead of the network's input; the
        tutorials' test does so (70x140) and reads worse.
    decode
        Of numbers: up to the first empty place (or the likeliest length), or the
        likeliest number as a whole.
    min_confidence
        Of numbers: refuse answers that are less sure; how many are left is told.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    device
        auto, cpu, cuda or mps.
    skip_bad
        Go on without pictures that cannot be read.
    json
        Print the figures as JSON, nothing else.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.evaluate_shown import show_boxes, show_classes, show_numbers
    from convatlas.cli.terminal import console
    from convatlas.runs import newest_run
    from convatlas.verbs import evaluate as verb

    conditions = verb.Conditions(
        view=view,
        margins=tuple(margin or ()),
        resize=parse_size(test_resize, "--test-resize"),
        decode=decode,
        min_confidence=min_confidence,
    )
    with DataProgress() as progress:
        measured = verb.evaluate(
            run or newest_run(Path("runs")),
            split,
            data_name=data,
            conditions=conditions,
            data_dir=data_dir,
            device=device,
            skip_bad=skip_bad,
            progress=progress,
        )
    figures, out = measured.evaluation, console()
    if json:
        from json import dumps

        print(dumps(figures.to_json(), ensure_ascii=False))
        if measured.warning:
            console(errors=True).print(f"warning: {measured.warning}")
        return
    network = measured.run.info.network["name"]
    if isinstance(figures, verb.NumberEvaluation):
        show_numbers(out, figures, network)
    elif isinstance(figures, verb.BoxEvaluation):
        show_boxes(out, figures, network)
    else:
        show_classes(out, figures, network)
    if measured.warning:
        out.print(f"warning: {measured.warning}", style="yellow")
    for file in measured.files:
        out.print(f"wrote {file}")

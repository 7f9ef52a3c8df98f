"""``convatlas explain``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from convatlas.verbs.explain import Explained

app = new_app("explain")

Flag = Annotated[bool, Parameter(negative=())]
Several = Annotated[
    tuple[str, ...], Parameter(consume_multiple=True, negative=(), show_default=False)
]


@app.default
def explain(
    network: str,
    pictures: Annotated[list[str], Parameter(consume_multiple=True)],
    /,
    *,
    out: Path | None = None,
    layer: Several = (),
    unit: str | None = None,
    own_scale: Flag = False,
    shared_scale: Flag = False,
    channels: int = 16,
    prepare: Literal["digit", "none"] | None = None,
    finder: Path | None = None,
    heat: Several = (),
    target: str | None = None,
    digit: str | None = None,
    heat_layer: str | None = None,
    sanity: Flag = False,
    exciting: Several = (),
    embedding: Several = (),
    similar: int = 0,
    data: str | None = None,
    data_dir: Path | None = None,
    split: Literal["train", "validation", "test"] = "validation",
    format: Literal["png", "svg", "none"] = "png",
    language: Literal["en", "zh"] = "en",
    json: Flag = False,
) -> int:
    """Look inside a network while it looks at your pictures.

    Feature maps of every layer, filters, and values worked out step by step; if asked
    for, heat maps and their sanity, what excites a unit, similar pictures and a map of
    a data set: as picture files, and on one HTML page that needs no network connection.

    Examples: convatlas explain shipped:lenet5 digit.png; convatlas explain resnet18
    cat.jpg --layer features.stem.conv --channels 64; convatlas explain runs/lenet
    digit.png --layer features.conv1 --unit 3,10,12 --json; convatlas explain runs/lenet
    digit.png --heat all --sanity --exciting features.conv2:0,5 --embedding tsne
    --similar 8

    Parameters
    ----------
    network
        A run directory, shipped:lenet5 (tells digits), or a network of the atlas
        (fresh weights, seed 0).
    pictures
        Files, folders (all pictures below them) and globs ('scans/*.png').
    out
        A folder for the page and the pictures; NAME-explained here if none.
    layer
        Layers to show, as 'convatlas show' lists them; a block stands for its last
        layer, relu#2 for the second call of relu. All if none.
    unit
        Place in the one layer whose value is worked out: channel,row,column (of a
        vector its one number); the strongest if none.
    own_scale
        Each map has a colour scale of its own.
    shared_scale
        All maps of a layer share one scale, as they do without this flag.
    channels
        Maps of a layer, those with the most energy; 0: all.
    prepare
        digit: cut out one digit and centre it as MNIST's are; none: scale the whole
        picture. As the run was trained if not given.
    finder
        A run that finds the number which the other one reads.
    heat
        Heat maps by grad-cam, integrated-gradients, occlusion, guided-backprop, or all.
    target
        The class that heat maps are about; the likeliest if none.
    digit
        Place in the number that heat maps are about, from 0 on, or 'length' where the
        network tells one; every digit that was read if none.
    heat_layer
        Layer with maps that Grad-CAM looks at; the last one of all if none.
    sanity
        Check the heat maps: do they change when the weights become random?
    exciting
        LAYER or LAYER:CHANNEL,CHANNEL: the parts of pictures that excite them most.
    embedding
        pca or tsne: a data set as a map of what looks alike (extra: explain).
    similar
        So many pictures of a data set that look most like each of yours.
    data
        Data set for the three above; that of the run if none.
    data_dir
        Where data sets lie.
    split
        Of the data set.
    format
        Of the picture files; none: the page alone.
    language
        Of the page: en or zh.
    json
        Print the numbers as JSON, nothing else; write files only if --out says where.
    """
    if own_scale and shared_scale:
        raise UsageError("--own-scale and --shared-scale: choose one")
    place = _unit(unit)
    from convatlas.cli.data_progress import DataProgress
    from convatlas.report.folder import check_place, write_folder
    from convatlas.verbs.explain import Options, Why
    from convatlas.verbs.explain import explain as verb
    from convatlas.verbs.explain.why.options import parse_digit

    why = Why(
        heat=heat,
        target=target,
        digit=parse_digit(digit),
        heat_layer=heat_layer,
        sanity=sanity,
        exciting=exciting,
        embedding=embedding,
        similar=similar,
        data=data,
        data_dir=data_dir,
        split=split,
    )
    options = Options(
        layers=layer, unit=place, own_scale=own_scale, channels=channels, why=why
    )
    writes = out is not None or not json
    if writes:
        check_place(out or Path())
    with DataProgress() as progress:
        explained = verb(
            network,
            pictures,
            options=options,
            digit=None if prepare is None else prepare == "digit",
            finder=finder,
            progress=progress,
        )
        page = None
        if writes:
            page = write_folder(
                explained,
                out or Path(f"{_name(explained.subject.id)}-explained"),
                format=None if format == "none" else format,
                language=language,
                progress=progress,
            )
    if json:
        _print_json(explained)
        return 0
    _print(explained, page)
    return 0


def _unit(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\s*\d{1,6}(\s*,\s*\d{1,6})*\s*", text):
        raise UsageError(f"--unit {text}: must be numbers with commas, e.g. 3,10,12")
    return tuple(int(number) for number in text.split(","))


def _name(id: str) -> str:
    return re.sub(r"[^\w.-]+", "-", id.removeprefix("network:"))


def _print_json(explained: "Explained") -> None:
    from json import dumps

    print(dumps(explained.to_json(), ensure_ascii=False, indent=1, allow_nan=False))


def _print(explained: "Explained", page: Path | None) -> None:
    from convatlas.cli.terminal import console

    out = console()
    subject = explained.subject
    if not subject.trained:
        out.print(
            f"{subject.name} has the weights of its first moment; 'convatlas train "
            f"{subject.name}' trains it",
            style="yellow",
        )
    for one in explained.pictures:
        best = one.answers[0] if one.answers else None
        said = "" if best is None else f": [bold]{best.name or 'no number'}[/] "
        sure = "" if best is None else f"{best.probability:.1%}"
        out.print(f"{one.file}{said}{sure}")
        for section in one.sections:
            for value in section.figures.get("values", ()):
                place = ",".join(map(str, value["unit"]))
                out.print(f"  {value['layer']} {place}: {value['formula']['en']}")
        for section in one.sections:
            _print_reasons(out, section.figures)
    for section in explained.sections:
        for method in section.figures.get("methods", ()):
            out.print(f"{method['method']}: {_VERDICTS[method['verdict']]}")
    out.print(f"written: {page}")


_VERDICTS = {
    "passes": "passes: its map depends on the weights",
    "signs only": "passes by its signs; where it is hot is told by the picture alone",
    "unclear": "unclear: its map depends on the weights a little",
    "fails": "fails: its map hardly depends on the weights",
}


def _print_reasons(out: "Console", figures: "Mapping[str, Any]") -> None:
    for method, reason in figures.get("left_out", {}).items():
        out.print(f"  without {method}: {reason}", style="yellow")

"""What all kinds of evaluation have in common."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from matplotlib.figure import Figure
from torch import Tensor

from convatlas.data.catalogue import judged_by
from convatlas.data.dataset import Dataset
from convatlas.errors import UsageError
from convatlas.plots.mistakes import PictureOfMistake, draw_mistakes
from convatlas.runs import Run
from convatlas.spec import Rule

View = Literal["whole", "number"]
SHOWN_MISTAKES = 32


@dataclass(frozen=True)
class Conditions:
    """How pictures of numbers are shown to a run, and how its answers are read.

    Attributes:
        view: whole pictures or true crops; as the run was trained when None.
        margins: of the crops a side, share of the number's size (below zero, of whole
            pictures: what is left away); the answers of several are averaged. The
            recipe's when empty.
        resize: height and width to bring the pictures to, instead of the input that
            the network was built for: the tutorials' test does that.
        decode: see ``readings``.
        min_confidence: answers that are less sure are refused.
    """

    view: View | None = None
    margins: tuple[float, ...] = ()
    resize: tuple[int, int] | None = None
    decode: Rule = "blank"
    min_confidence: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise UsageError(
                f"min_confidence = {self.min_confidence:g}: a probability, 0 to 1"
            )
        for margin in self.margins:
            if not -0.4 <= margin <= 2:
                raise UsageError(f"margin = {margin:g}: a share, -0.4 to 2")

    def refuse_all(self, run: Run, kind: str) -> None:
        """For runs of another kind.

        Raises:
            UsageError: one of the conditions was given.
        """
        for field in fields(self):
            if getattr(self, field.name) != field.default:
                raise UsageError(
                    f"{field.name} is for runs that read numbers; {run.path} {kind}"
                )


AS_TRAINED = Conditions()


@dataclass(frozen=True)
class Mistake:
    """A picture by its place in the split (and its file, if it had one)."""

    index: int
    file: str | None
    true: str
    predicted: str
    confidence: float
    confidence_of_true: float


@dataclass(frozen=True)
class Figures:
    """Of a run on a split; the content of ``test.json``.

    Attributes:
        split: what was measured on.
        data: name of the data set.
        sha256: of the data set.
        count: pictures.
        images_per_second: of the network alone.
        processor: of this machine.
    """

    split: str
    data: str
    sha256: str
    count: int
    images_per_second: float
    processor: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def mistakes_sheet(mistakes: Sequence[Mistake], pictures: Iterable[Tensor]) -> Figure:
    """The surest mistakes.

    Args:
        mistakes: all of them, surest first.
        pictures: of the first ``SHOWN_MISTAKES``, C H W, uint8.
    """
    worst = mistakes[:SHOWN_MISTAKES]
    drawn = [
        PictureOfMistake(
            picture.cpu().numpy(),
            mistake.true,
            mistake.predicted or "nothing",
            mistake.confidence,
            mistake.confidence_of_true,
        )
        for picture, mistake in zip(pictures, worst, strict=True)
    ]
    title = (
        f"{len(worst)} surest of {len(mistakes)} mistakes: what was read (orange), "
        "what it is"
    )
    return draw_mistakes(drawn, title)


def stem_of(run: Run, split: str, dataset: Dataset, *conditions: str) -> str:
    """Of the files that are written: ``test``, or with what is not as in training."""
    words = [split]
    if judged_by(dataset.name) != judged_by(run.info.data["name"]):
        name = dataset.name.removeprefix("folder:").removeprefix("numbers:")
        words.append(Path(name).name)
    return "-".join([*words, *conditions])

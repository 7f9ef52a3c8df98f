"""What every reader returns: uint8 pictures, labels, and three separate splits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from torch import Tensor

from convatlas.spec import ImageSpec, LabelSpec

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Some pictures with their labels.

    Attributes:
        images: N C H W, uint8.
        labels: N, int64; of numbers N × digits, where 10 means no digit.
        files: name of each picture's file, where pictures came from single files.
        boxes: of numbers, where known: N × digits × 4, float32: left, top, right and
            bottom of each digit as shares 0 ... 1 of the picture's width and height;
            NaN where there is no digit or no box of it.
        sizes: of numbers: N × 2, int64: height and width of each picture's file, since
            ``images`` do not keep its aspect.
        labelled: False where nobody has told the labels; then all are 10.
    """

    images: Tensor
    labels: Tensor
    files: tuple[str, ...] = ()
    boxes: Tensor | None = None
    sizes: Tensor | None = None
    labelled: bool = True

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """A data set: train, validation and test are three different things.

    A split is read when it is first asked for, so training never touches the test
    pictures.

    Attributes:
        name: as given to ``load``, e.g. ``"mnist"`` or ``"folder:pictures"``.
        spec: shape of a picture, mean and standard deviation of the training split.
        labels: the classes.
        sha256: of the files (or of pixels and labels), so that a run says on what it
            was trained.
        licence: terms of use.
        may_flip: whether a mirrored picture still belongs to its class.
        centred_digits: whether pictures are single light digits on black, centred by
            mass as MNIST's are (``predict`` then prepares photos the same way).
        drawn_from: the data set whose training pictures these are a part of, if any: a
            network that was trained on it has seen them.
        left_out: files that ``skip_bad`` passed over, each with the reason.
        unlabelled: splits whose labels nobody has told.
    """

    name: str
    spec: ImageSpec
    labels: LabelSpec
    sha256: str
    licence: str
    may_flip: bool
    centred_digits: bool
    read_split: Callable[[SplitName], Split] = field(repr=False)
    drawn_from: str | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    unlabelled: tuple[SplitName, ...] = ()

    @cached_property
    def train(self) -> Split:
        """For fitting weights."""
        return self.read_split("train")

    @cached_property
    def validation(self) -> Split:
        """For choosing: checkpoints, recipes, thresholds."""
        return self.read_split("validation")

    @cached_property
    def test(self) -> Split:
        """For reporting; read by ``evaluate`` only."""
        return self.read_split("test")

    def split(self, name: SplitName) -> Split:
        """One of the three by name."""
        by_name = {
            "train": lambda: self.train,
            "validation": lambda: self.validation,
            "test": lambda: self.test,
        }
        return by_name[name]()

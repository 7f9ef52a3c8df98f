"""What of a run goes into the graph: pixels to floats, the network, and its box."""

from dataclasses import dataclass

from torch import Tensor, nn

from convatlas.data.preprocess import Preprocess
from convatlas.networks import find
from convatlas.number_box import box_of
from convatlas.number_tasks import TASKS
from convatlas.runs import Run
from convatlas.training.tasks import Task


class Normalise(nn.Module):
    """uint8 of the network's size to what it takes."""

    def __init__(self, preprocess: Preprocess) -> None:
        super().__init__()
        self.preprocess = preprocess

    def forward(self, images: Tensor) -> Tensor:
        return self.preprocess.normalise(images)


class BoxOfMaps(nn.Module):
    """A finder's maps to left, top, right, bottom as shares of the picture, N × 4."""

    def forward(self, maps: Tensor) -> Tensor:
        return box_of(maps).clamp(0, 1)


class RawPixels(nn.Module):
    """Pictures N C H W, uint8, to answers.

    Args:
        before: to the network's input.
        network: trained.
        after: from its answers to those of the file.
    """

    def __init__(self, before: nn.Module, network: nn.Module, after: nn.Module) -> None:
        super().__init__()
        self.before = before
        self.network = network
        self.after = after

    def forward(self, images: Tensor) -> Tensor:
        answers: Tensor = self.after(self.network(self.before(images)))
        return answers


@dataclass(frozen=True)
class Graph:
    """A run ready to be written.

    Attributes:
        run: that it was taken from.
        module: pictures to answers, in evaluation mode, on the CPU.
        shape: (channels, height, width) of the pictures that it takes.
        output: name of the answers: ``logits``, or ``box``.
        task: what the network was trained for.
    """

    run: Run
    module: RawPixels
    shape: tuple[int, int, int]
    output: str
    task: Task


def graph_of(run: Run) -> Graph:
    """The graph of a run.

    A network that tells classes takes pictures of the size of its data set, and pads or
    scales them inside, exactly as in training. One that reads or finds numbers takes
    pictures of its own input's size: what to cut out of a photo, and from which pixels
    to scale it, is decided outside.

    Raises:
        RunError: no trained weights.
    """
    answers = find(run.info.network["name"]).answers
    preprocess, network = run.preprocess(), run.network("cpu")
    before: nn.Module = preprocess
    shape = preprocess.source
    if answers != "class":
        before, shape = Normalise(preprocess), preprocess.target
    finds = answers == "box"
    module = RawPixels(before, network, BoxOfMaps() if finds else nn.Identity())
    return Graph(
        run, module.eval(), shape, "box" if finds else "logits", TASKS[answers]
    )

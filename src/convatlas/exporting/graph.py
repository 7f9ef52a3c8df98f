"""What of a run goes into the graph: pixels to floats, the network, and its box."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convatlas.data.catalogue import judged_by
from convatlas.data.preprocess import Preprocess
from convatlas.errors import UsageError
from convatlas.networks import find
from convatlas.number_box import box_of
from convatlas.number_tasks import TASKS
from convatlas.runs import Run
from convatlas.training.tasks import DigitsTask, Task


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


class Together(nn.Module):
    """Several networks that read place by place as one: the mean of what they say.

    Gives the mean of the log-probabilities, N × places × classes; divided by a
    temperature or not, they are answers like those of one network.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, images: Tensor) -> Tensor:
        answers = [network(images).log_softmax(dim=2) for network in self.networks]
        return torch.stack(answers).mean(dim=0)


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
        run: that it was taken from; the first of several.
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


def graph_of(run: Run, *others: Run) -> Graph:
    """The graph of a run, or of several that read numbers together.

    A network that tells classes takes pictures of the size of its data set, and pads or
    scales them inside, exactly as in training. One that reads or finds numbers takes
    pictures of its own input's size: what to cut out of a photo, and from which pixels
    to scale it, is decided outside.

    Args:
        run: trained.
        others: that read place by place as it does, from the same data set and of the
            same input; what all say is averaged.

    Raises:
        RunError: no trained weights.
        UsageError: others that do not fit.
    """
    answers = find(run.info.network["name"]).answers
    preprocess, network = run.preprocess(), run.network("cpu")
    if others:
        for other in others:
            _check_alike(run, other)
        network = Together([network, *(other.network("cpu") for other in others)])
    before: nn.Module = preprocess
    shape = preprocess.source
    if answers != "class":
        before, shape = Normalise(preprocess), preprocess.target
    finds = answers == "box"
    module = RawPixels(before, network, BoxOfMaps() if finds else nn.Identity())
    return Graph(
        run, module.eval(), shape, "box" if finds else "logits", TASKS[answers]
    )


def _check_alike(run: Run, other: Run) -> None:
    """Refuses runs whose answers cannot be averaged."""
    for one in (run, other):
        name = one.info.network["name"]
        if not isinstance(TASKS[find(name).answers], DigitsTask):
            raise UsageError(
                f"{one.path}: {name} does not answer place by place; only networks "
                "that do can read together"
            )
    own_data, its_data = run.info.data, other.info.data
    same = own_data["name"] == its_data["name"]
    here, there = run.preprocess().config(), other.preprocess().config()
    for what, own, its in (
        # one may have learned from more pictures than the other
        ("data set", judged_by(own_data["name"]), judged_by(its_data["name"])),
        ("input", here["target"], there["target"]),
        ("normalisation", here["mean"] + here["std"], there["mean"] + there["std"]),
        *([("pictures", own_data["sha256"], its_data["sha256"])] if same else []),
    ):
        if own != its:
            raise UsageError(
                f"{other.path}: its {what} ({its}) is not that of {run.path} ({own}); "
                "runs that read together share data set and input"
            )

"""A reader made of runs: torch networks in the place of a bundle's."""

from pathlib import Path
from threading import Lock

import torch
from torch import Tensor

from convatlas import machine
from convatlas.errors import UsageError
from convatlas.networks import find
from convatlas.number_box import box_of
from convatlas.number_tasks import TASKS
from convatlas.reading.answers import Floats, Lengths
from convatlas.reading.reader import Looks, PlaceByPlace, Reader, Tell
from convatlas.reading.windows import Pixels, Size
from convatlas.readings import longest, readings
from convatlas.runs import Run
from convatlas.runs.calibration import temperature_of
from convatlas.spec import Reading
from convatlas.training.inference import logits_of
from convatlas.training.tasks import DigitsTask, Task
from convatlas.verbs.street_run import StreetRun

NUMBER_MARGIN = 0.15  # of a run that learned from whole pictures, behind a finder


class TorchNetwork:
    """A run's network, called like an ONNX file's: raw pixels in, answers out."""

    def __init__(self, street: StreetRun) -> None:
        self._street = street
        self._one_at_a_time = Lock()  # torch has threads of its own

    def answers(self, images: Pixels) -> Tensor:
        """Of N × 3 × height × width, uint8, on the CPU."""
        street = self._street
        pictures = torch.from_numpy(images.copy()).to(street.device)
        with self._one_at_a_time:
            normalise = street.preprocess.normalise
            return logits_of(street.network, pictures, normalise).cpu()

    def __call__(self, images: Pixels) -> Floats:
        answers: Floats = self.answers(images).numpy()
        return answers


class Finder(TorchNetwork):
    """A run's network that says boxes instead of maps: N × 4."""

    def answers(self, images: Pixels) -> Tensor:
        return box_of(super().answers(images))


class AnyHead:
    """Says numbers of heads that do not answer place by place."""

    def __init__(self, network: TorchNetwork, task: Task, temperature: float) -> None:
        self._network = network
        self._task = task
        self._temperature = temperature

    def __call__(self, views: Pixels, lengths: Lengths | None) -> tuple[Reading, int]:
        looks = list(torch.split(self._network.answers(views), 1))
        said = readings(self._task, looks, temperature=self._temperature)
        return said[0], len(looks) - 1


def run_reader(
    run: Path | str,
    finder: Path | str | None = None,
    *,
    whole: bool = False,
    lengths: Lengths | None = None,
    device: str = "auto",
) -> Reader:
    """A reader that looks as the run's own validation pictures were shown.

    Args:
        run: that reads.
        finder: that finds the number for it.
        whole: show it whole pictures, though it learned from cut-out numbers.
        lengths: that it must be able to say.
        device: see ``train``.

    Raises:
        RunError: no run, or one without weights.
        UsageError: runs that do not do this, or not together.
    """
    chosen = machine.choose_device(device)
    reading, task = reading_run(run, lengths)
    cut_out = reading.info.recipe.view == "number"
    if finder is not None and whole:
        raise UsageError("--finder and --whole: choose one")
    if cut_out and finder is None and not whole:
        raise UsageError(
            f"{run}: was trained on cut-out numbers; name a run that finds them "
            "(--finder RUN), or show it whole pictures (--whole)"
        )
    network = TorchNetwork(StreetRun.of(reading, chosen))
    temperature = temperature_of(reading) or 1.0
    tell: Tell = AnyHead(network, task, temperature)
    if isinstance(task, DigitsTask):
        tell = PlaceByPlace(network, temperature)
    size = _size(reading)
    if finder is None:
        return Reader(Looks(size, margins=(0.0,)), tell)
    finding = finding_run(finder)
    margin = reading.info.recipe.margin if cut_out else NUMBER_MARGIN
    looks = Looks(size, margins=(margin,), finder_size=_size(finding))
    return Reader(looks, tell, (Finder(StreetRun.of(finding, chosen)),))


def reading_run(path: Path | str, lengths: Lengths | None = None) -> tuple[Run, Task]:
    """A run that reads numbers, and how.

    Raises:
        UsageError: it does something else, or cannot say numbers so long.
    """
    run = Run(path)
    name = run.info.network["name"]
    answers = find(name).answers
    if answers == "class":
        raise UsageError(
            f"{path}: {name} tells classes and reads no numbers; "
            f"'convatlas predict {path} PICTURE' tells them"
        )
    if answers == "box":
        raise UsageError(
            f"{path}: {name} finds numbers and cannot read them; name it as --finder, "
            "and a run that reads as --run"
        )
    task = TASKS[answers]
    if lengths is not None:
        if not isinstance(task, DigitsTask):
            raise UsageError(
                f"digits = {lengths[0]} to {lengths[1]}: {name} says how long a number "
                "is by itself; leave it out"
            )
        channels, (height, width) = 3, _size(run)
        with torch.device("meta"):
            blank = torch.empty(1, channels, height, width)
        places = longest(task, run.untrained_network().to("meta").eval()(blank))
        if lengths[1] > places:
            raise UsageError(
                f"digits = {lengths[1]}: {name} says numbers of at most {places}"
            )
    return run, task


def finding_run(path: Path | str) -> Run:
    """A run that finds numbers.

    Raises:
        UsageError: it does something else.
    """
    run = Run(path)
    name = run.info.network["name"]
    if find(name).answers != "box":
        raise UsageError(
            f"{path}: {name} finds no numbers; street-finder does "
            "('convatlas train street-finder --view find')"
        )
    return run


def _size(run: Run) -> Size:
    height, width = run.info.network["input_size"]
    return height, width

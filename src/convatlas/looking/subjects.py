"""What can be looked into: a run, or a network of the atlas that was never trained."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor, nn

from convatlas.anatomy import Table
from convatlas.data.dataset import Split
from convatlas.data.digit_photo import SIDE, as_mnist
from convatlas.data.pictures import pixels_of
from convatlas.data.preprocess import Preprocess
from convatlas.errors import UnknownName, UsageError
from convatlas.house_number import NONE
from convatlas.looking.activations import NOTHING, Looked, Looker
from convatlas.networks import build, find, variants
from convatlas.networks.registry import IMAGENET_MEAN, IMAGENET_STD, Answers
from convatlas.number_tasks import TASKS
from convatlas.reading.windows import Window
from convatlas.reading.windows import seen as seen_through
from convatlas.readings import readings
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.runs.calibration import temperature_of
from convatlas.runs.shipped import run_folder
from convatlas.spec import ImageSpec
from convatlas.street_views import examples, seen

UNTRAINED = "network:"  # before the name of a network of the atlas, in an id
MNIST = ((0.1307,), (0.3081,))  # mean and deviation of its pixels, 0 ... 1
PAD_AT_MOST = 8  # pixels a side; a digit is put into larger inputs by scaling
SEED = 0  # of the weights of what nobody trained


class Answer(NamedTuple):
    """A class or a number, and how probable the network finds it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Subject:
    """A network with all that is needed to show it a picture.

    Attributes:
        id: the run's name, or ``network:NAME``.
        network: in evaluation mode, on the CPU.
        name: of the network in the atlas.
        preprocess: from pictures as in ``images`` to the network's input.
        images: of the pictures that it was trained with.
        names: of the classes; of one digit's where it reads numbers.
        answers: what the network's outputs are.
        centred_digits: whether it wants a picture of a digit prepared as MNIST's were.
        run: that it was taken from; None: weights of seed 0, not trained.
    """

    id: str
    network: nn.Module
    name: str
    preprocess: Preprocess
    images: ImageSpec
    names: tuple[str, ...]
    answers: Answers
    centred_digits: bool
    run: Run | None = None

    @property
    def trained(self) -> bool:
        """Whether anybody trained it."""
        return self.run is not None

    @property
    def input(self) -> tuple[int, int, int]:
        """(channels, height, width) that the network takes."""
        return self.preprocess.target

    @cached_property
    def looker(self) -> Looker:
        """Ready for many looks."""
        return Looker.of(self.network, self.input)

    @property
    def table(self) -> Table:
        """The network, layer by layer."""
        return self.looker.table

    def prepare(
        self,
        picture: Image.Image,
        *,
        digit: bool | None = None,
        window: Window | None = None,
    ) -> Tensor:
        """A picture as the network's training pictures were.

        A number reader gets what ``predict`` shows it: the whole picture.

        Args:
            picture: upright, without transparency.
            digit: cut out one digit and centre it; as in training when None.
            window: of the picture, which alone is shown: left, top, right, bottom.

        Returns:
            C H W of the network's input, uint8.

        Raises:
            DataError: no digit stands out from the ground.
        """
        spec = self.images
        if window is not None:
            part = seen_through(picture.convert("RGB"), window, self.input[1:])
            pixels = torch.from_numpy(part.copy())
            if self.input[0] == 3:
                return pixels
            direct = Preprocess(
                (3, *self.input[1:]), self.input, (0.0,) * 3, (1.0,) * 3
            )
            return direct.prepare(pixels[None])[0]
        if self.centred_digits if digit is None else digit:
            cut = as_mnist(pixels_of(picture.convert("L"))[0])
            return self.preprocess.prepare(_shaped(cut, spec)[None])[0]
        flat = picture.convert("L" if spec.channels == 1 else "RGB")
        pixels = pixels_of(flat, (spec.height, spec.width))
        if self.run is not None and self.answers != "class":
            return self._street(pixels)
        return self.preprocess.prepare(pixels[None])[0]

    def normalise(self, seen: Tensor) -> Tensor:
        """What ``prepare`` gave as numbers for the network: 1 × C × H × W, float32."""
        return self.preprocess.normalise(seen[None])

    def look(self, seen: Tensor, calls: frozenset[int] = NOTHING) -> Looked:
        """One forward of what ``prepare`` gave; see ``Looker.look``."""
        inputs = self.normalise(seen)
        # the memory format that ``predict`` uses, so that the answers are the same
        return self.looker.look(
            inputs.contiguous(memory_format=torch.channels_last), calls
        )

    def said(self, result: Tensor, top: int = 10) -> tuple[Answer, ...]:
        """The likeliest answers to one picture, best first; of a finder none.

        A reader of numbers gives one: the number and how probable it is.
        """
        if self.answers == "box":
            return ()
        if self.answers == "class":
            best = result[0].float().softmax(0).topk(min(top, len(self.names)))
            pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
            return tuple(Answer(self.names[i], p) for i, p in pairs)
        temperature = (temperature_of(self.run) if self.run else None) or 1.0
        (one,) = readings(TASKS[self.answers], [result], temperature=temperature)
        return (Answer(one.number, one.confidence),)

    def _street(self, pixels: Tensor) -> Tensor:
        """As ``verbs.street_run`` shows whole pictures."""
        assert self.run is not None
        recipe: Recipe = self.run.info.recipe
        if recipe.view == "number":
            recipe = recipe.changed(view="whole")
        nothing = torch.full((1, 1), NONE)
        split = Split(pixels[None], nothing, labelled=False)
        whole = examples(
            split, len(self.names), TASKS[self.answers], torch.device("cpu"), "device"
        )
        return seen(whole, recipe, self.input[1:]).images[0]


def find_subject(what: str | Path) -> Subject:
    """A run's directory, or a network by its name, ``network:`` before it or not.

    ``shipped:lenet5`` is the run that comes with the package.

    Raises:
        UnknownName: neither; close names of networks are offered.
        RunError: a run that is broken, or without weights.
    """
    text = str(what)
    if text.startswith(UNTRAINED):
        return of_network(text.removeprefix(UNTRAINED))
    path = run_folder(what)
    if path.is_dir() or path.is_file():
        return of_run(Run(path))
    known = [variant.name for variant in variants()]
    if text.partition(":")[0] not in known:
        hint = "'convatlas runs' and 'convatlas networks' list them"
        raise UnknownName("run or network", text, known, hint)
    return of_network(text)


def of_run(run: Run, id: str | None = None) -> Subject:
    """What was trained.

    Args:
        run: with weights.
        id: its name when None.

    Raises:
        RunError: no weights yet, or damaged ones.
    """
    info = run.info
    name = info.network["name"]
    return Subject(
        id=id or run.name,
        network=run.network(),
        name=name,
        preprocess=run.preprocess(),
        images=info.images,
        names=info.labels.names,
        answers=find(name).answers,
        centred_digits=bool(info.data["centred_digits"]),
        run=run,
    )


def of_network(name: str) -> Subject:
    """A network as its paper starts it, weights drawn with seed 0.

    Grey networks are taken for readers of centred digits.

    Raises:
        UnknownName: no such network.
    """
    variant = find(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = build(name).eval()
    channels, height, width = variant.input
    if channels not in (1, 3):
        raise UsageError(f"{name} takes {channels} channels; a picture has 1 or 3")
    mean, std = MNIST if channels == 1 else (IMAGENET_MEAN, IMAGENET_STD)
    images = ImageSpec(channels, height, width, mean, std)
    numbers = variant.answers != "class"
    digits = (*map(str, range(10)), "")
    return Subject(
        id=f"{UNTRAINED}{name}",
        network=network,
        name=name,
        preprocess=Preprocess.of(images),
        images=images,
        names=digits if numbers else tuple(map(str, range(variant.classes))),
        answers=variant.answers,
        centred_digits=channels == 1,
    )


def _shaped(digit: Tensor, spec: ImageSpec) -> Tensor:
    """A digit of MNIST's form in the shape of other pictures."""
    more = (spec.height - SIDE, spec.width - SIDE)
    fit = "pad" if all(0 <= m <= PAD_AT_MOST for m in more) else "resize"
    direct = Preprocess((1, SIDE, SIDE), spec.shape, (0.0,), (1.0,), fit)  # type: ignore[arg-type]
    return direct.prepare(digit[None])[0]

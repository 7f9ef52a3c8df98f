"""A run that reads or finds numbers, ready to be shown street pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor, nn

from convatlas import street_views
from convatlas.data.dataset import Split
from convatlas.data.preprocess import Preprocess
from convatlas.errors import UsageError
from convatlas.house_number import NONE
from convatlas.networks import find
from convatlas.number_tasks import TASKS
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.examples import Examples
from convatlas.training.inference import logits_of
from convatlas.training.tasks import Task

AT_ONCE = 2000  # pictures whose views are kept at a time

Margins = Sequence[float | None]


@dataclass(frozen=True)
class StreetRun:
    """A run's network and what goes with it, on one device.

    Attributes:
        run: that it was taken from.
        network: trained.
        task: how its answers are read.
        preprocess: of the run; its ``target`` is the network's input.
    """

    run: Run
    network: nn.Module
    task: Task
    preprocess: Preprocess

    @classmethod
    def of(cls, run: Run, device: torch.device) -> "StreetRun":
        """The network of a run with its weights.

        Raises:
            RunError: no trained weights.
        """
        task = TASKS[find(run.info.network["name"]).answers]
        return cls(run, run.network(device), task, run.preprocess().to(device))

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.preprocess.mean.device

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width that the network was built for."""
        return self.preprocess.target[1], self.preprocess.target[2]

    def examples(self, split: Split) -> Examples:
        """The pictures of a split with what is known of them."""
        classes = self.run.info.labels.classes
        return street_views.examples(split, classes, self.task, self.device)

    def answers(
        self,
        pictures: Examples,
        recipe: Recipe,
        margins: Margins = (None,),
        size: tuple[int, int] | None = None,
    ) -> tuple[list[Tensor], float]:
        """What the network answers to each way of showing the pictures.

        Args:
            pictures: whole, uint8.
            recipe: says what is shown of them.
            margins: of each look; None is the recipe's.
            size: height and width to show them in; the network's input when None.

        Returns:
            The answers of each look, on the CPU, and the seconds of the network alone.
        """
        size = size or self.input_size
        self._check_size(size)
        looks: list[list[Tensor]] = [[] for _ in margins]
        seconds = 0.0
        for start in range(0, len(pictures), AT_ONCE):
            part = pictures.taken(slice(start, start + AT_ONCE))
            for look, margin in zip(looks, margins, strict=True):
                views = street_views.seen(part, recipe, size, margin).images
                started = perf_counter()
                transform = self.preprocess.normalise
                look.append(logits_of(self.network, views, transform).cpu())
                seconds += perf_counter() - started
        return [torch.cat(look) for look in looks], seconds

    def whole(self, images: Tensor) -> list[Tensor]:
        """The answers to whole pictures of which nothing else is known.

        Args:
            images: N C H W, uint8, of the shape of the run's training pictures.
        """
        nothing = torch.full((len(images), 1), NONE)
        pictures = self.examples(Split(images, nothing, labelled=False))
        recipe = self.run.info.recipe
        if recipe.view == "number":
            recipe = recipe.changed(view="whole")
        return self.answers(pictures, recipe)[0]

    def _check_size(self, size: tuple[int, int]) -> None:
        """Tries another size than the network was built for.

        Raises:
            UsageError: it does not fit.
        """
        if size == self.input_size:
            return
        channels = self.preprocess.target[0]
        try:
            with torch.inference_mode():
                self.network(torch.zeros(1, channels, *size, device=self.device))
        except RuntimeError:
            given, own = ("×".join(map(str, side)) for side in (size, self.input_size))
            raise UsageError(
                f"pictures of {given}: {self.run.info.network['name']} was built for "
                f"{own}, and its heads do not fit the map of another size; one that "
                "averages its map, such as street-resnet18, takes any"
            ) from None

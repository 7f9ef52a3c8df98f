"""Find the number, look at it, say it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convatlas.reading.answers import Combine, Floats, Lengths, read_looks
from convatlas.reading.windows import (
    Pixels,
    Size,
    Window,
    part_of,
    seen,
    turned,
    whole,
    widened,
)
from convatlas.spec import Reading, Rule

# N × 3 × height × width, uint8, to answers
Network = Callable[[Pixels], Floats]
# looks at one picture to its number, and the look that finds it the likeliest
Tell = Callable[[Pixels, Lengths | None], tuple[Reading, int]]


@dataclass(frozen=True)
class Looks:
    """How a picture is looked at.

    Attributes:
        reader_size: height and width of what the reading network takes.
        margins: a look at each found box for each of them: how much more than the box
            it shows on each side, as a share of the box's own width and height.
        turns: where nothing is looked for, pictures are numbers that somebody else cut
            out, and no margin can vary: a look at each of these turns instead, in
            degrees clockwise of what the network sees.
        finder_size: height and width of what the finding network takes.
        again: the found box is looked for again in a window around it, once for each
            of these; 1.75 shows 1.75 times its width and height.
        every_box: whether every box that was found on the way is read, not the last of
            each finder alone.
    """

    reader_size: Size
    margins: tuple[float, ...] = (0.15,)
    turns: tuple[float, ...] = (0.0,)
    finder_size: Size = (96, 192)
    again: tuple[float, ...] = ()
    every_box: bool = False


@dataclass(frozen=True)
class Located:
    """A number and its box: left, top, right, bottom in pixels of the picture."""

    reading: Reading
    box: Window

    def box_in_pixels(self, image: Image.Image) -> tuple[int, int, int, int]:
        """The box in whole pixels of the picture, with at least one of them."""
        left, top, right, bottom = (round(side) for side in self.box)
        left, top = min(left, image.width - 1), min(top, image.height - 1)
        return left, top, max(right, left + 1), max(bottom, top + 1)


@dataclass(frozen=True)
class Reader:
    """Networks that find, one that reads, and how they look; threads may share it.

    Attributes:
        looks: how.
        tell: the reading network, and how its answers become a number.
        finders: networks that find, each for itself; they answer N × 4: the box as
            shares of what they saw. Empty where whole pictures are read.
    """

    looks: Looks
    tell: Tell
    finders: tuple[Network, ...] = ()

    def read(self, image: Image.Image, lengths: Lengths | None = None) -> Located:
        """The number in a picture.

        Args:
            image: RGB, upright.
            lengths: fewest and most digits, if that is known.
        """
        boxes = self.boxes(image)
        reading, best = self.tell(self.views(image, boxes), lengths)
        box, _, _ = list(self._each(boxes))[best]
        return Located(reading, box)

    def views(self, image: Image.Image, boxes: Sequence[Window]) -> Pixels:
        """What is shown of some boxes: looks × 3 × height × width."""
        size = self.looks.reader_size
        return np.stack(
            [
                turned(seen(image, widened(box, margin, image), size), turn)
                for box, margin, turn in self._each(boxes)
            ]
        )

    def boxes(self, image: Image.Image) -> list[Window]:
        """Where the number may be, those that are to be read."""
        if not self.finders:
            return [whole(image)]
        size = self.looks.finder_size
        found, windows = [], [whole(image) for _ in self.finders]
        start = seen(image, windows[0], size)  # of all of them
        for step, zoom in enumerate((*self.looks.again, None)):
            for place, find in enumerate(self.finders):
                window = windows[place]
                view = seen(image, window, size) if step else start
                box = part_of(window, find(view[None])[0].tolist())
                found.append(box)
                if zoom is not None:
                    windows[place] = widened(box, (zoom - 1) / 2, image)
        return found if self.looks.every_box else found[-len(self.finders) :]

    def _each(self, boxes: Sequence[Window]) -> Iterator[tuple[Window, float, float]]:
        """Box, margin and turn of every look."""
        turns = (0.0,) if self.finders else self.looks.turns
        return product(boxes, self.looks.margins, turns)


@dataclass(frozen=True)
class PlaceByPlace:
    """Says numbers of a network that answers N × places × 11.

    Attributes:
        network: the reading network.
        temperature: see ``read_looks``.
        combine: see ``read_looks``.
        rule: how long a number is where nobody says it: up to the first empty place,
            or so that it is the likeliest, of one digit at least.
    """

    network: Network
    temperature: float = 1.0
    combine: Combine = "mean"
    rule: Rule = "blank"

    def __call__(self, views: Pixels, lengths: Lengths | None) -> tuple[Reading, int]:
        answers: NDArray[np.float64] = self.network(views).astype(np.float64)
        if lengths is None and self.rule == "likeliest":
            lengths = 1, answers.shape[1]
        return read_looks(
            answers,
            temperature=self.temperature,
            combine=self.combine,
            lengths=lengths,
        )

"""Pictures for learning to read and to find house numbers, a whole batch at once.

Out of whole pictures with the boxes of their digits come windows at many zooms, turned,
slanted and in other light: ``StreetCrops``. For judging there are the crop that the
boxes say, ``crop``, and the picture as it is, ``whole``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from convatlas.data.erasing import Draw, rectangles
from convatlas.data.street_geometry import (
    Plane,
    beside,
    plane,
    shares_of,
    to_canvas,
    turned,
    union,
    widened,
    zoomed_out,
)
from convatlas.data.street_light import (
    Colours,
    blurred,
    colours,
    noise,
    recoloured,
)
from convatlas.data.street_sampling import (
    bites,
    halved_more,
    halvings_for,
    points_of,
    put_back,
    sampled,
)

# pixels that a digit keeps, high and wide, when a picture is made coarse
LEGIBLE = (12.0, 5.0)
BLUR = (0.3, 1.2)  # standard deviation in pixels of the result
BESIDE = (0.7, 1.5)  # sides of windows beside the number, of the number's own
ERASED = (0.01, 0.08)  # of a view; more would hide a whole digit
GAP = 0.05  # between them and the number, share of its own sides


class Views(NamedTuple):
    """What is seen of some pictures, and where the numbers are in it.

    Attributes:
        images: N 3 height width, 0 ... 255, float32.
        boxes: N × 4, left, top, right, bottom of the whole number as shares of the
            view; NaN where the view has no digit.
        digits: N × digits × 4, of each digit; NaN where there is none.
    """

    images: Tensor
    boxes: Tensor
    digits: Tensor


@dataclass(frozen=True)
class StreetCrops:
    """Windows around house numbers, each in its own place, turn and light.

    All digits lie inside, but for a negative ``margin``. Everything is drawn from the
    generator that comes with the batch, so the same state gives the same batch.

    Attributes:
        margin: at each edge of a crop for itself, as a share of the number's own width
            or height; never beyond the picture.
        wider: share of windows that are wider than crops: of any size between the crop
            and the whole picture, anywhere as long as they hold the crop.
        whole: share of these that are the whole picture.
        empty: share of windows that try to miss the number; those that do show no
            digit, the others are as usual.
        rotation: largest turn either way, in degrees.
        slant: largest shear along the rows, in degrees.
        stretch: largest change of the aspect of wider windows: .2 means by up to 1.22.
        brightness: .3 means factors of .7 to 1.3.
        contrast: likewise, about the picture's mean.
        saturation: likewise.
        tint: likewise, for each channel of its own.
        inverted: share that becomes its negative.
        blur: share that is blurred.
        coarse: share that is shown at half its resolution, if still legible.
        grain: share that gets noise.
        grain_levels: largest standard deviation of that noise, in grey levels.
        erasing: share in which a small rectangle gets one random colour.
    """

    margin: tuple[float, float] = (-0.03, 0.45)
    wider: float = 0.0
    whole: float = 0.0
    empty: float = 0.0
    rotation: float = 8.0
    slant: float = 8.0
    stretch: float = 0.2
    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.5
    tint: float = 0.1
    inverted: float = 0.15
    blur: float = 0.3
    coarse: float = 0.15
    grain: float = 0.5
    grain_levels: float = 12.0
    erasing: float = 0.0

    def __call__(
        self,
        canvases: Tensor,
        boxes: Tensor,
        sizes: Tensor,
        generator: torch.Generator,
        size: tuple[int, int],
    ) -> Views:
        """New views of a batch of pictures, all on one device.

        Args:
            canvases: N 3 H W, uint8, whole pictures, their aspect not kept.
            boxes: N × digits × 4, shares of the picture, NaN where there is no digit.
            sizes: N × 2, height and width of the pictures before they were scaled.
            generator: gives all random numbers; on the same device.
            size: height and width of the views.
        """
        count, device = len(canvases), canvases.device

        def draw(low: float, high: float) -> Tensor:
            values = torch.rand(count, generator=generator, device=device)
            return values * (high - low) + low

        turns = turned(
            draw(-self.rotation, self.rotation), draw(-self.slant, self.slant)
        )
        pictures = plane(boxes, sizes, turns)
        window, empty = self._window(pictures, draw)
        theta = to_canvas(pictures, window)
        kept = canvases.shape[2], canvases.shape[3]
        halvings = halvings_for(theta, kept, size)
        coarser = halved_more(halvings, draw(0, 1) < self.coarse, kept)
        legible = _legible(coarser, boxes, sizes, kept)
        halvings = torch.where(legible[:, None], coarser, halvings)
        brightness = draw(1 - self.brightness, 1 + self.brightness)
        tints = [draw(1 - self.tint, 1 + self.tint) for _ in range(3)]
        gains = torch.stack(tints, dim=1) * brightness[:, None]
        change = colours(
            gains=gains,
            saturation=draw(1 - self.saturation, 1 + self.saturation),
            contrast=draw(1 - self.contrast, 1 + self.contrast),
            inverted=draw(0, 1) < self.inverted,
        )
        blur = torch.where(draw(0, 1) < self.blur, draw(*BLUR), 0)
        levels = draw(-self.grain_levels, self.grain_levels)
        grain = torch.where(draw(0, 1) < self.grain, levels, 0)

        images = torch.empty(count, 3, *size, device=device)
        parts, order, theta = bites(theta, halvings, blur > 0, kept)
        change = Colours(*(values[order] for values in change))
        blur, grain = blur[order], grain[order, None, None, None]
        points = points_of(size, device)
        # noise is dear: each bite takes the same, but each picture its own strength
        most = max((len(bite.rows) for bite in parts), default=0) if self.grain else 0
        grains = noise(torch.Size([most, 3, *size]), generator, device)
        for bite in parts:
            place = bite.place
            part = sampled(canvases, bite, theta, points, size)
            if bite.apart:
                part = blurred(part, blur[place])
            part = recoloured(part, Colours(*(values[place] for values in change)))
            if self.grain:
                part.addcmul_(grains[: len(bite.rows)], grain[place])
            put_back(images, bite, part)
        if self.erasing:
            colour = torch.stack([draw(0, 255) for _ in range(3)], dim=1)
            hidden = rectangles(draw, self.erasing, size, ERASED)
            images = torch.where(hidden, colour[:, :, None, None], images)
        digits = shares_of(window, pictures.digits)
        digits = digits.masked_fill(empty[:, None, None], torch.nan)
        return Views(images, union(digits), digits)

    def _window(self, pictures: Plane, draw: Draw) -> tuple[Tensor, Tensor]:
        """N × 4, on the plane: what is shown; N, bool: that it is beside the number."""
        margins = torch.stack([draw(*self.margin) for _ in range(4)], dim=1)
        inner = widened(pictures.number, margins, pictures.frame)
        empty = pictures.digits.isnan().flatten(1).all(dim=1)
        inner = torch.where(empty[:, None], pictures.frame, inner)
        wider = draw(0, 1) < self.wider
        zoom = torch.where(draw(0, 1) < self.whole, 1.0, draw(0, 1))
        window = zoomed_out(
            inner,
            pictures.frame,
            zoom=torch.where(wider, zoom, 0.0),
            stretch=torch.where(
                wider & (zoom < 1), draw(-self.stretch, self.stretch), 0.0
            ),
            place=torch.stack([draw(0, 1), draw(0, 1)], dim=1),
        )
        if not self.empty:
            return window, torch.zeros_like(empty)
        place = torch.stack([draw(0, 1), draw(0, 1)], dim=1)
        number = widened(
            pictures.number, pictures.number.new_tensor(GAP), pictures.frame
        )
        other, apart = beside(number, pictures.frame, draw(*BESIDE), place)
        chosen = apart & ~empty & (draw(0, 1) < self.empty)
        return torch.where(chosen[:, None], other, window), chosen


READING = StreetCrops()
FINDING = StreetCrops(margin=(0.0, 0.45), wider=0.95, whole=0.6)


def crop(
    canvases: Tensor, boxes: Tensor, size: tuple[int, int], margin: float = 0.15
) -> Views:
    """The numbers as their boxes say, with a margin, cut to the picture.

    Args:
        canvases: N 3 H W, uint8.
        boxes: N × digits × 4, shares of the picture, NaN where there is no digit; a
            picture without any is shown whole. One box of the whole number will do.
        size: height and width of the views.
        margin: a side, as a share of the number's own width or height.
    """
    still = torch.eye(2, device=canvases.device).expand(len(canvases), 2, 2)
    pictures = plane(boxes, torch.ones_like(boxes[:, 0, :2]), still)
    margins = torch.full((1, 4), margin, device=canvases.device)
    return _shown(
        canvases, pictures, widened(pictures.number, margins, pictures.frame), size
    )


def whole(canvases: Tensor, boxes: Tensor, size: tuple[int, int]) -> Views:
    """The whole pictures.

    Args:
        canvases: N 3 H W, uint8.
        boxes: N × digits × 4, shares of the picture, NaN where there is no digit.
        size: height and width of the views.
    """
    still = torch.eye(2, device=canvases.device).expand(len(canvases), 2, 2)
    pictures = plane(boxes, torch.ones_like(boxes[:, 0, :2]), still)
    return _shown(canvases, pictures, pictures.frame, size)


def _shown(
    canvases: Tensor, pictures: Plane, window: Tensor, size: tuple[int, int]
) -> Views:
    theta = to_canvas(pictures, window)
    kept = canvases.shape[2], canvases.shape[3]
    together = torch.zeros(len(canvases), dtype=torch.bool, device=canvases.device)
    parts, _, theta = bites(theta, halvings_for(theta, kept, size), together, kept)
    points = points_of(size, canvases.device)
    images = torch.empty(len(canvases), 3, *size, device=canvases.device)
    for bite in parts:
        put_back(images, bite, sampled(canvases, bite, theta, points, size))
    digits = shares_of(window, pictures.digits)
    return Views(images, union(digits), digits)


def _legible(
    halvings: Tensor, boxes: Tensor, sizes: Tensor, canvas: tuple[int, int]
) -> Tensor:
    """N, bool: whether every digit keeps enough pixels when a picture is halved so."""
    extent = (boxes[..., 2:] - boxes[..., :2]).nan_to_num(torch.inf).amin(dim=1)
    pixels = torch.minimum(sizes.to(torch.float32), sizes.new_tensor(canvas))
    left = extent.flip(1) * pixels / 2.0**halvings
    return (left >= left.new_tensor(LEGIBLE)).all(dim=1)

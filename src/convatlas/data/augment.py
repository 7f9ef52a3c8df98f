"""Random changes of pictures that leave their class as it is, a whole batch at once."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.erasing import rectangles
from convatlas.recipe import Recipe


@dataclass(frozen=True)
class Augment:
    """Moves, turns, scales, slants, mirrors and blanks; each picture in its own way.

    Everything is drawn from the generator that comes with the batch, so the same
    generator state gives the same batch. What leaves the picture is lost, what comes
    in is black.

    Attributes:
        shift: largest move along each axis, as a share of that side.
        rotation: largest turn either way, in degrees.
        scale: largest change of size: .1 gives sizes of .9 to 1.1.
        shear: largest slant along the rows, in degrees.
        erasing: probability that a rectangle is blanked (Zhong et al. 2020,
            arXiv 1708.04896, with black instead of noise).
        flip: whether half of the pictures are mirrored left to right.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    erasing: float = 0.0
    flip: bool = False

    @classmethod
    def from_recipe(cls, recipe: Recipe) -> Self:
        """The augmentation that a recipe asks for."""
        return cls(
            shift=recipe.shift,
            rotation=recipe.rotation,
            scale=recipe.scale,
            shear=recipe.shear,
            erasing=recipe.erasing,
            flip=recipe.flip,
        )

    @property
    def active(self) -> bool:
        """Whether anything can change at all."""
        return self._moves or self.erasing > 0 or self.flip

    @property
    def _moves(self) -> bool:
        return max(self.shift, self.rotation, self.scale, self.shear) > 0

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """A changed copy (the pictures themselves when nothing is asked for).

        Args:
            images: N C H W, 0 ... 255, uint8 or float.
            generator: gives all random numbers; on the device of the pictures.

        Returns:
            N C H W, 0 ... 255, float32.
        """
        return self.of_share(images, generator, 0, len(images))

    def of_share(
        self, images: Tensor, generator: torch.Generator, start: int, count: int
    ) -> Tensor:
        """What a call on a batch gives for some of its pictures.

        Args:
            images: those pictures.
            generator: stands afterwards where the whole batch leaves it.
            start: where they begin in the batch.
            count: pictures of the batch.
        """
        images = images.to(torch.float32)
        stop, (height, width) = start + len(images), images.shape[-2:]

        def draw(low: float, high: float) -> Tensor:
            values = torch.rand(count, generator=generator, device=images.device)
            return values[start:stop] * (high - low) + low

        mirrored = draw(0, 1) < 0.5 if self.flip else None
        if mirrored is not None and not self._moves:
            chosen = mirrored.reshape(-1, 1, 1, 1)
            images = torch.where(chosen, images.flip(-1), images)
        if self._moves:
            images = warp(
                images,
                angle=draw(-self.rotation, self.rotation),
                move_x=draw(-self.shift, self.shift) * width,
                move_y=draw(-self.shift, self.shift) * height,
                size=draw(1 - self.scale, 1 + self.scale),
                slant=draw(-self.shear, self.shear),
                mirrored=mirrored,
            )
        if self.erasing > 0:
            images = images.masked_fill(
                rectangles(draw, self.erasing, (height, width)), 0.0
            )
        return images


def warp(
    images: Tensor,
    *,
    angle: Tensor,
    move_x: Tensor,
    move_y: Tensor,
    size: Tensor,
    slant: Tensor,
    mirrored: Tensor | None = None,
) -> Tensor:
    """Each picture turned, scaled and slanted about its middle, then moved.

    The geometry is that of ``torchvision.transforms.v2.functional.affine`` with
    bilinear interpolation and zeros outside.

    Args:
        images: N C H W, float32.
        angle: N, degrees, clockwise as one sees it.
        move_x: N, pixels to the right.
        move_y: N, pixels down.
        size: N, factor; above 1 enlarges.
        slant: N, degrees of shear along the rows.
        mirrored: N, bool: which pictures are mirrored left to right before all that.
    """
    height, width = images.shape[-2:]
    turn, lean = torch.deg2rad(angle), torch.tan(torch.deg2rad(slant))
    cos, sin = torch.cos(turn), torch.sin(turn)
    # where a pixel of the result comes from: the inverse of rotation × shear × size
    xx, xy = (cos - sin * lean) / size, (sin + cos * lean) / size
    yx, yy = -sin / size, cos / size
    xo = -(xx * move_x + xy * move_y)
    yo = -(yx * move_x + yy * move_y)
    # from pixels about the middle to the -1 ... 1 of grid_sample
    x_row = torch.stack([xx, xy * height / width, xo * 2 / width], dim=1)
    if mirrored is not None:
        x_row = torch.where(mirrored[:, None], -x_row, x_row)
    y_row = torch.stack([yx * width / height, yy, yo * 2 / height], dim=1)
    theta = torch.stack([x_row, y_row], dim=1)
    # one product of matrices for all grids: ten times as fast as F.affine_grid
    grid = (theta.reshape(-1, 3) @ _points(height, width, images.device)).reshape(
        -1, 2, height, width
    )
    return F.grid_sample(
        images, grid.permute(0, 2, 3, 1), padding_mode="zeros", align_corners=False
    )


def _points(height: int, width: int, device: torch.device) -> Tensor:
    """3 × (H·W): x, y (-1 ... 1) and 1 of every pixel's middle."""
    y = (torch.arange(height, device=device) * 2 + 1) / height - 1
    x = (torch.arange(width, device=device) * 2 + 1) / width - 1
    ones = torch.ones(height * width, device=device)
    return torch.stack([x.repeat(height), y.repeat_interleave(width), ones])

"""The tutorials' changes of street pictures, a whole batch at once.

``Resize((64, 128))``, ``RandomCrop((60, 120))``, ``ColorJitter(.3, .3, .2)``,
``RandomRotation(10)`` of torchvision, in this order. Each picture draws values of its
own, as when they are loaded one by one; torchvision's own transforms of a batch draw
one for all.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

GREY = (0.2989, 0.587, 0.114)  # of red, green and blue, as torchvision has it
MORE = 16 / 15  # side of the resized picture by that of the crop: 64 by 60
# largest changes of brightness, contrast and saturation
JITTER = (0.3, 0.3, 0.2)
ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


@dataclass(frozen=True)
class TutorialViews:
    """Random crops of whole pictures in other light, turned.

    Attributes:
        rotation: largest turn either way, in degrees.
        light: share of the tutorials' jitter of colours.
    """

    rotation: float = 10.0
    light: float = 1.0

    def __call__(
        self, canvases: Tensor, generator: torch.Generator, size: tuple[int, int]
    ) -> Tensor:
        """New views of a batch.

        Args:
            canvases: N 3 H W, uint8, whole pictures.
            generator: gives all random numbers; on the device of the pictures.
            size: height and width of the crops.

        Returns:
            N 3 height width, 0 ... 255, float32.
        """
        count, device = len(canvases), canvases.device

        def draw(low: float, high: float) -> Tensor:
            values = torch.rand(count, generator=generator, device=device)
            return values * (high - low) + low

        large = larger(size)
        top = (draw(0, 1) * (large[0] - size[0] + 1)).long()
        left = (draw(0, 1) * (large[1] - size[1] + 1)).long()
        images = cropped(resized(canvases, large), top, left, size)
        if self.light:
            most = [share * self.light for share in JITTER]
            factors = torch.stack([draw(1 - share, 1 + share) for share in most], dim=1)
            orders = torch.tensor(ORDERS, device=device)
            order = orders[(draw(0, 1) * len(ORDERS)).long()]
            images = jittered(images, factors, order)
        if self.rotation:
            images = rotated(images, draw(-self.rotation, self.rotation))
        return images


def larger(size: tuple[int, int]) -> tuple[int, int]:
    """What a picture is resized to before a crop of this size: 64×128 for 60×120."""
    return round(size[0] * MORE), round(size[1] * MORE)


def crop_of(size: tuple[int, int]) -> tuple[int, int]:
    """What is cropped out of pictures of this size: 60×120 out of 64×128."""
    return round(size[0] / MORE), round(size[1] / MORE)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """torchvision's ``resize``: bilinear, antialiased, N C H W as float32."""
    return F.interpolate(
        images.to(torch.float32), size, mode="bilinear", antialias=True
    )


def cropped(images: Tensor, top: Tensor, left: Tensor, size: tuple[int, int]) -> Tensor:
    """A window of each picture.

    Args:
        images: N C H W.
        top: N, first row.
        left: N, first column.
        size: height and width of the windows.
    """
    device = images.device
    rows = top[:, None] + torch.arange(size[0], device=device)
    columns = left[:, None] + torch.arange(size[1], device=device)
    which = torch.arange(len(images), device=device)[:, None, None]
    windows = images[which, :, rows[:, :, None], columns[:, None, :]]
    return windows.permute(0, 3, 1, 2).contiguous()


def jittered(images: Tensor, factors: Tensor, order: Tensor) -> Tensor:
    """Brightness, contrast and saturation, each picture in an order of its own.

    Args:
        images: N 3 H W, 0 ... 255, float32.
        factors: N × 3 of brightness, contrast and saturation; 1 leaves them.
        order: N × 3, which of the three comes first, second and third.

    Returns:
        N 3 H W, cut to 0 ... 255 after each, as torchvision does.
    """
    shares = images.new_tensor(GREY).reshape(1, 3, 1, 1)
    for which in order.T:
        grey = (images * shares).sum(dim=1, keepdim=True)
        mean = grey.mean(dim=(2, 3), keepdim=True)
        kind = which.reshape(-1, 1, 1, 1)
        # what the picture is mixed with: black, its mean grey, its own greys
        other = grey.where(kind == 2, mean).where(kind > 0, 0.0)
        factor = factors.gather(1, which[:, None]).reshape(-1, 1, 1, 1)
        images = (images * factor + other * (1 - factor)).clamp(0, 255)
    return images


def rotated(images: Tensor, angle: Tensor) -> Tensor:
    """Pictures turned about their middles; nearest pixel, black outside.

    Args:
        images: N C H W, float32.
        angle: N, degrees, against the clock as one sees it, as torchvision counts.
    """
    height, width = images.shape[2:]
    turn = torch.deg2rad(angle)
    cos, sin, none = torch.cos(turn), torch.sin(turn), torch.zeros_like(turn)
    rows = [cos, -sin * height / width, none, sin * width / height, cos, none]
    theta = torch.stack(rows, dim=1).reshape(-1, 2, 3)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(
        images, grid, mode="nearest", padding_mode="zeros", align_corners=False
    )

"""Changes of light, colour, sharpness and grain, each picture of a batch its own."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

GREY = (0.299, 0.587, 0.114)  # of red, green and blue, as PIL and torchvision have it
BLUR_REACH = 2  # pixels to either side
BYTE_DEVIATION = 73.9  # of whole numbers drawn evenly from -128 ... 127


class Colours(NamedTuple):
    """A change of colours: matrix · pixel + of_mean · mean pixel + offset.

    Attributes:
        matrix: N × 3 × 3.
        of_mean: N × 3 × 3.
        offset: N × 3 × 1.
    """

    matrix: Tensor
    of_mean: Tensor
    offset: Tensor


def colours(
    *, gains: Tensor, saturation: Tensor, contrast: Tensor, inverted: Tensor
) -> Colours:
    """Brightness and tint, then saturation, then contrast, then light for dark.

    The factors mean what they mean to torchvision's ``adjust_brightness``,
    ``adjust_saturation`` and ``adjust_contrast``; but nothing is cut to 0 ... 255 in
    between, so all is one product of matrices.

    Args:
        gains: N × 3, factor of each channel.
        saturation: N, 0 is grey, 1 leaves the colours.
        contrast: N, 0 is the mean grey everywhere, 1 leaves the contrast.
        inverted: N, bool: which pictures become their negative.
    """
    grey = gains.new_tensor(GREY)
    keep = saturation[:, None, None] * torch.eye(3, device=gains.device)
    wash = (1 - saturation)[:, None, None] * grey.expand(3, 3)
    mixed = (keep + wash) * gains[:, None, :]
    sign = torch.where(inverted, -1.0, 1.0)
    mean_grey = (grey @ mixed)[:, None, :].expand(-1, 3, 3)
    return Colours(
        mixed * (contrast * sign)[:, None, None],
        mean_grey * ((1 - contrast) * sign)[:, None, None],
        torch.where(inverted, 255.0, 0.0)[:, None, None].expand(-1, 3, 1),
    )


def recoloured(images: Tensor, change: Colours) -> Tensor:
    """Pictures in other colours.

    Args:
        images: N 3 H W, 0 ... 255, float32.
        change: of each.

    Returns:
        N 3 H W, float32; may go beyond 0 ... 255.
    """
    means = images.mean(dim=(2, 3))[:, :, None]
    offset = torch.baddbmm(change.offset, change.of_mean, means)
    flat = torch.baddbmm(offset, change.matrix, images.flatten(2))
    return flat.reshape(images.shape)


def blurred(images: Tensor, deviation: Tensor) -> Tensor:
    """A Gaussian blur over five pixels; beyond a picture its edge goes on.

    Args:
        images: N C H W, float32.
        deviation: N, of the bell curve, in pixels.
    """
    count, channels, height, width = images.shape
    steps = torch.arange(-BLUR_REACH, BLUR_REACH + 1, device=images.device)
    bell = torch.exp(-(steps**2) / (2 * deviation[:, None] ** 2))
    bell = bell / bell.sum(dim=1, keepdim=True)
    kernels = (bell[:, :, None] * bell[:, None, :])[:, None]
    padded = F.pad(images, [BLUR_REACH] * 4, mode="replicate")
    made = F.conv2d(
        padded.reshape(1, -1, *padded.shape[2:]),
        kernels.repeat_interleave(channels, dim=0),
        groups=count * channels,
    )
    return made.reshape(images.shape)


def noise(
    shape: torch.Size, generator: torch.Generator, device: torch.device
) -> Tensor:
    """Numbers about 0, evenly distributed, with a standard deviation of 1.

    Args:
        shape: of the result.
        generator: on the device.
        device: where to make it.

    Returns:
        Float32; bytes, eight from each random number where that works.
    """
    count = shape.numel()
    if device.type == "cpu":
        most = 2**63 - 1
        words = torch.randint(-most - 1, most, (-(-count // 8),), generator=generator)
        values = words.view(torch.int8)[:count].reshape(shape)
    else:
        values = torch.randint(
            -128, 128, shape, dtype=torch.int8, device=device, generator=generator
        )
    return values.to(torch.float32).mul_(1 / BYTE_DEVIATION)

"""Convolution and activation as one unit, the brick of the Inception families."""

from collections import OrderedDict

from torch import nn

Pair = int | tuple[int, int]


class ConvReLU(nn.Sequential):
    """A convolution with biases, then ReLU (Szegedy et al. 2014, section 5)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Pair,
        stride: int = 1,
        padding: Pair = 0,
    ) -> None:
        super().__init__(
            OrderedDict(
                conv=nn.Conv2d(in_channels, out_channels, kernel, stride, padding),
                relu=nn.ReLU(),
            )
        )


class ConvNormReLU(nn.Sequential):
    """A convolution without biases, batch norm, then ReLU.

    Ioffe & Szegedy 2015 (arXiv:1502.03167), section 3.2: the norm stands before the
    activation and takes the place of the biases. Its epsilon is .001, as in Google's
    release of the networks.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Pair,
        stride: int = 1,
        padding: Pair = 0,
    ) -> None:
        super().__init__(
            OrderedDict(
                conv=nn.Conv2d(
                    in_channels, out_channels, kernel, stride, padding, bias=False
                ),
                norm=nn.BatchNorm2d(out_channels, eps=1e-3),
                relu=nn.ReLU(),
            )
        )

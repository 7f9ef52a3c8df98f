"""The published place of the stride, against torchvision with its strides moved."""

from collections.abc import Callable

import torch
from torchvision import models

from convatlas.networks.resnet import torchvision_names

Difference = Callable[..., float]


def test_v1_has_its_strides_in_the_first_convolutions(difference: Difference) -> None:
    with torch.device("meta"):
        oracle = models.resnet50()
    moved = 0
    for module in oracle.modules():
        if isinstance(module, models.resnet.Bottleneck):
            if module.conv2.stride == (2, 2):
                module.conv1.stride, module.conv2.stride = (2, 2), (1, 1)
                moved += 1
    assert moved == 3
    images = torch.randn(2, 3, 64, 64)
    assert difference("resnet50-v1", oracle, torchvision_names, images) < 1e-5

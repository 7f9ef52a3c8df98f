"""Small networks whose answers are known, for the tests of this room."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class OnePatch(nn.Module):
    """Class 1 is how bright rows 4 to 7 and columns 8 to 11 are; class 0 is nothing."""

    def __init__(self, channels: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.relu = nn.ReLU()
        nn.init.constant_(self.conv.weight, 0.1)
        nn.init.zeros_(self.conv.bias)
        self.weight = nn.Parameter(torch.ones(4))

    def forward(self, images: Tensor) -> Tensor:
        maps = self.relu(self.conv(images))
        score = maps[:, :, 4:8, 8:12].sum((2, 3)) @ self.weight
        return torch.stack([torch.zeros_like(score), score], dim=1)


class Ways(nn.Module):
    """ReLUs as users write them: shared, as functions, in place with and without the
    result taken, and one whose input is used beside it."""

    def __init__(self, ways: str) -> None:
        super().__init__()
        self.ways = ways
        self.conv1 = nn.Conv2d(2, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=ways == "in place")
        self.fc = nn.Linear(6, 3)

    def forward(self, images: Tensor) -> Tensor:
        one = self.conv1(images)
        if self.ways == "functions":
            two = torch.relu(self.conv2(functional.relu(one)))
        elif self.ways == "in place":
            self.relu(one)  # what it returns is not taken
            two = self.conv2(one)
            two += 1
            functional.relu(two, inplace=True)
        elif self.ways == "methods":
            two = self.conv2(one.relu()).relu_()
        else:
            two = self.relu(self.conv2(self.relu(one)))
        if self.ways == "beside":
            two = self.relu(one) + one
        return self.fc(two.mean((2, 3)))

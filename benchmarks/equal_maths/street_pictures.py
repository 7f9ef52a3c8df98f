"""House numbers as tutorial 001 reads them: each PNG opened when its turn comes."""

from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import transforms

from benchmarks.equal_maths.cases import Case
from convatlas.data.mchar import list_protocol_p
from convatlas.house_number import NONE, PLACES
from convatlas.progress import silent


class StreetPictures(Dataset[tuple[Tensor, Tensor]]):
    """The training pictures of ``protocol-p`` with the first five digits.

    Args:
        data_dir: where ``house-numbers/`` lies.
        transform: of an RGB picture.
    """

    def __init__(
        self, data_dir: Path, transform: Callable[[Image.Image], Tensor]
    ) -> None:
        self.pictures = list_protocol_p(data_dir, silent).splits["train"]
        self.transform = transform

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        picture = self.pictures[index]
        with Image.open(picture.path) as file:
            image = self.transform(file.convert("RGB"))
        digits = [int(digit) for digit in picture.number]
        return image, torch.tensor((digits + [NONE] * PLACES)[:PLACES])


def varied(case: Case) -> transforms.Compose:
    """The tutorial's transforms, for crops of the case's size.

    The tutorial cuts 60×120 out of 64×128; here the same share is cut so that 64×128
    come out, the size that the network is made for.
    """
    height, width = case.size
    return transforms.Compose(
        [
            transforms.Resize((height * 64 // 60, width * 64 // 60)),
            transforms.RandomCrop(case.size),
            transforms.ColorJitter(0.3, 0.3, 0.2),
            transforms.RandomRotation(10),
            transforms.ToTensor(),
            transforms.Normalize(case.pictures.mean, case.pictures.std),
        ]
    )

import pytest
import torch

from convatlas.data.statistics import CHUNK, channel_statistics


@pytest.mark.parametrize("count", [1, CHUNK + 3])
def test_they_are_the_textbooks(count: int) -> None:
    random = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (count, 3, 4, 5), dtype=torch.uint8, generator=random
    )
    images[:, 1] //= 2
    mean, std = channel_statistics(images)
    scaled = images.to(torch.float64) / 255
    assert mean == pytest.approx(scaled.mean((0, 2, 3)).tolist(), abs=1e-6)
    expected = scaled.std((0, 2, 3), correction=0).tolist()
    assert std == pytest.approx(expected, abs=1e-6)


def test_one_even_colour() -> None:
    assert channel_statistics(torch.full((2, 1, 3, 3), 255, dtype=torch.uint8)) == (
        (1.0,),
        (0.0,),
    )

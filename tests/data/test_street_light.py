import pytest
import torch
from torch import Tensor

from convatlas.data.street_light import blurred, colours, noise, recoloured


def pictures(count: int, low: float = 0, high: float = 255) -> Tensor:
    random = torch.Generator().manual_seed(7)
    return torch.rand(count, 3, 20, 30, generator=random) * (high - low) + low


def changed(images: Tensor, **values: Tensor) -> Tensor:
    count = len(images)
    settings = {
        "gains": torch.ones(count, 3),
        "saturation": torch.ones(count),
        "contrast": torch.ones(count),
        "inverted": torch.zeros(count, dtype=torch.bool),
        **values,
    }
    return recoloured(images, colours(**settings))


def test_nothing_asked_for_changes_nothing() -> None:
    images = pictures(4)
    assert torch.allclose(changed(images), images, atol=1e-3)


@pytest.mark.slow  # imports torchvision
def test_the_factors_are_torchvisions() -> None:
    from torchvision.transforms.v2 import functional

    images = pictures(4, 90, 150)  # so that nothing needs to be cut
    gains = torch.tensor([0.8, 0.9, 1.1, 1.2])
    saturation = torch.tensor([0.0, 0.5, 1.3, 1.0])
    contrast = torch.tensor([0.6, 1.3, 1.0, 1.4])
    values = {"saturation": saturation, "contrast": contrast}
    made = changed(images, gains=gains[:, None].expand(4, 3), **values)
    for i, image in enumerate(images / 255):
        theirs = functional.adjust_brightness(image, float(gains[i]))
        theirs = functional.adjust_saturation(theirs, float(saturation[i]))
        theirs = functional.adjust_contrast(theirs, float(contrast[i]))
        assert torch.allclose(made[i], theirs * 255, atol=0.1)


def test_a_negative_is_made_last_and_of_the_chosen_ones() -> None:
    images = pictures(2)
    values = {"contrast": torch.tensor([0.7, 0.7])}
    plain = changed(images, **values)
    chosen = torch.tensor([True, False])
    made = changed(images, **values, inverted=chosen)
    assert torch.allclose(made[0], 255 - plain[0], atol=1e-3)
    assert torch.allclose(made[1], plain[1])


def test_a_tint_is_of_one_channel() -> None:
    images = pictures(1)
    made = changed(images, gains=torch.tensor([[1.0, 0.5, 1.0]]))
    assert torch.allclose(made[:, 1], images[:, 1] / 2, atol=1e-3)
    assert torch.allclose(made[:, ::2], images[:, ::2], atol=1e-3)


@pytest.mark.slow  # imports torchvision
def test_the_blur_is_torchvisions() -> None:
    from torchvision.transforms.v2 import functional

    images = pictures(3)
    deviation = torch.tensor([0.3, 0.8, 1.2])
    made = blurred(images, deviation)
    for i, image in enumerate(images):
        theirs = functional.gaussian_blur(image, [5, 5], [float(deviation[i])] * 2)
        # at the border theirs is a mirror, ours goes on as the edge is
        off = (made[i] - theirs).abs()[:, 2:-2, 2:-2]
        assert float(off.max()) < 0.01


def test_blurring_an_even_picture_changes_nothing() -> None:
    even = torch.full((2, 3, 9, 11), 77.0)
    assert torch.allclose(blurred(even, torch.tensor([0.4, 1.2])), even, atol=1e-3)


def test_noise_has_a_deviation_of_one_and_no_pattern() -> None:
    shape = torch.Size([2, 3, 64, 129])  # an odd number of values
    made = noise(shape, torch.Generator().manual_seed(0), torch.device("cpu"))
    assert made.shape == shape and made.dtype == torch.float32
    assert float(made.std()) == pytest.approx(1, rel=0.01)
    assert float(made.mean()) == pytest.approx(0, abs=0.02)
    flat = made.flatten()
    for step in (1, 2, 7, 8, 16, 128):
        assert abs(float((flat[step:] * flat[:-step]).mean())) < 0.02

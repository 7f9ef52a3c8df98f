import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from convatlas.data.preprocess import Preprocess
from convatlas.errors import UsageError
from convatlas.spec import ImageSpec

GREY = {"mean": [0.1307], "std": [0.3081]}
RGB = {"mean": [0.4914, 0.4822, 0.4465], "std": [0.247, 0.2435, 0.2616]}


def noise(*shape: int, seed: int = 0) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=random)


def pil(image: Tensor) -> Image.Image:
    array = image.permute(1, 2, 0).numpy()
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)


def tensor(image: Image.Image) -> Tensor:
    array = np.array(image)
    return torch.from_numpy(array.reshape(*array.shape[:2], -1)).permute(2, 0, 1)


SIZES = [
    ((28, 28), (224, 224)),
    ((28, 28), (97, 33)),
    ((28, 28), (28, 56)),
    ((28, 28), (56, 28)),
    ((32, 32), (28, 28)),
    ((60, 100), (28, 28)),
    ((64, 64), (20, 20)),
    ((33, 57), (57, 33)),
    ((1, 1), (5, 5)),
    ((3, 200), (200, 3)),
]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("size", "new"), SIZES)
def test_resizing_is_pils_to_the_last_bit(
    channels: int, size: tuple[int, int], new: tuple[int, int]
) -> None:
    statistics = GREY if channels == 1 else RGB
    prepare = Preprocess(
        (channels, *size), (channels, *new), **statistics, fit="resize"
    ).prepare
    for image in (noise(channels, *size), (noise(channels, *size) > 127) * 255):
        image = image.to(torch.uint8)
        expected = tensor(pil(image).resize(new[::-1], Image.Resampling.BILINEAR))
        assert torch.equal(prepare(image[None])[0], expected)


def test_tall_pictures_are_narrowed_first_whatever_pils_version() -> None:
    # from version 13 on PIL itself shortens first where that is less work
    image = noise(1, 100, 60)
    narrow = pil(image).resize((28, 100), Image.Resampling.BILINEAR)
    expected = tensor(narrow.resize((28, 28), Image.Resampling.BILINEAR))
    module = Preprocess((1, 100, 60), (1, 28, 28), **GREY, fit="resize")
    assert torch.equal(module.prepare(image[None])[0], expected)


def test_float_pictures_are_resized_without_rounding() -> None:
    image = noise(2, 3, 60, 40)
    module = Preprocess((3, 60, 40), (3, 28, 28), **RGB, fit="resize")
    whole, exact = module.prepare(image), module.prepare(image.to(torch.float32))
    assert exact.dtype == torch.float32
    assert float((whole - exact).abs().max()) <= 1.0
    assert float((exact % 1).max()) > 0


def test_padding_puts_the_picture_in_the_middle() -> None:
    image = noise(2, 1, 28, 28)
    padded = Preprocess((1, 28, 28), (1, 32, 33), **GREY).prepare(image)
    assert padded.shape == (2, 1, 32, 33)
    assert torch.equal(padded[:, :, 2:30, 2:30], image)
    assert int(padded.sum()) == int(image.sum())


def test_colours_become_grey_as_pil_does_it() -> None:
    image = noise(3, 50, 60)
    module = Preprocess((3, 50, 60), (1, 50, 60), **RGB)
    assert torch.equal(module.prepare(image[None])[0], tensor(pil(image).convert("L")))
    exact = module.prepare(image[None].to(torch.float32))
    assert torch.allclose(exact.round(), module.prepare(image[None]).float(), atol=1)


def test_grey_is_repeated() -> None:
    image = noise(2, 1, 8, 8)
    module = Preprocess((1, 8, 8), (3, 16, 16), **GREY, fit="resize")
    made = module.prepare(image)
    assert made.shape == (2, 3, 16, 16)
    assert torch.equal(made[:, 0], made[:, 2])
    assert module.mean.flatten().tolist() == pytest.approx([0.1307] * 3)


@pytest.mark.parametrize(("channels", "statistics"), [(1, GREY), (3, RGB)])
def test_scaling_is_that_of_to_tensor_and_normalize(
    channels: int, statistics: dict[str, list[float]]
) -> None:
    # what torchvision's two transforms do: div(255), sub_(mean), div_(std)
    image = noise(2, channels, 16, 16)
    expected = image.to(torch.get_default_dtype()).div(255)
    shape = (-1, 1, 1)
    expected.sub_(torch.as_tensor(statistics["mean"]).view(shape))
    expected.div_(torch.as_tensor(statistics["std"]).view(shape))
    module = Preprocess((channels, 16, 16), (channels, 16, 16), **statistics)
    assert torch.equal(module(image), expected)
    assert module(image).dtype == torch.float32


@pytest.mark.slow  # imports torchvision
def test_scaling_is_torchvisions_to_the_last_bit() -> None:
    from torchvision import transforms

    image = noise(3, 40, 50)
    theirs = transforms.Compose(
        [
            transforms.Resize((28, 28)),
            transforms.ToTensor(),
            transforms.Normalize(RGB["mean"], RGB["std"]),
        ]
    )(pil(image))
    ours = Preprocess((3, 40, 50), (3, 28, 28), **RGB, fit="resize")(image[None])[0]
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("fit", ["pad", "resize"])
def test_a_module_made_again_from_its_config_does_the_same(fit: str) -> None:
    spec = ImageSpec(3, 20, 24, tuple(RGB["mean"]), tuple(RGB["std"]))
    module = Preprocess.of(spec, (1, 32, 40), fit)
    again = Preprocess.from_config(json.loads(json.dumps(module.config())))
    image = noise(4, 3, 20, 24)
    assert torch.equal(module(image), again(image))
    assert "3×20×24 → 1×32×40" in repr(again)


def test_a_module_survives_its_state_dict() -> None:
    module = Preprocess((1, 8, 8), (3, 12, 12), **GREY, fit="resize")
    again = Preprocess((1, 8, 8), (3, 12, 12), [0.5], [0.5], "resize")
    assert set(module.state_dict()) == {"mean", "std"}
    again.load_state_dict(module.state_dict())
    image = noise(2, 1, 8, 8)
    assert torch.equal(module(image), again(image))


@pytest.mark.slow  # imports half of torch
@pytest.mark.parametrize("fit", ["pad", "resize"])
@pytest.mark.parametrize(("source", "target"), [(1, 3), (3, 1), (1, 1)])
def test_the_module_can_be_exported_with_any_batch(
    fit: str, source: int, target: int
) -> None:
    statistics = GREY if source == 1 else RGB
    module = Preprocess((source, 20, 24), (target, 32, 40), **statistics, fit=fit)
    batch = torch.export.Dim("batch")
    program = torch.export.export(
        module, (noise(2, source, 20, 24),), dynamic_shapes=({0: batch},)
    )
    image = noise(5, source, 20, 24, seed=1)
    assert torch.equal(program.module()(image), module(image))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((1, 28, 28), (1, 20, 28), [0.1], [0.3]), "28×28 do not fit into 20×28 pix"),
        (((1, 28, 28), (4, 28, 28), [0.1], [0.3]), "1 channels for a network that ta"),
        (((1, 28, 28), (1, 28, 28), [0.1], [0.3], "crop"), "fit = 'crop': must be"),
        (((1, 28, 28), (1, 28, 28), [0.1] * 3, [0.3]), "one number for each of 1"),
        (((1, 28, 28), (1, 28, 28), [0.1], [0.0]), "must be above 0"),
        (((28, 28), (1, 28, 28), [0.1], [0.3]), "source = 28×28: must be channels"),
        (((1, 28, 28), (1, 0, 28), [0.1], [0.3]), "target = 1×0×28: must be"),
    ],
)
def test_impossible_shapes(arguments: tuple, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Preprocess(*arguments)


def test_pictures_of_another_shape_are_refused() -> None:
    module = Preprocess((1, 28, 28), (1, 32, 32), **GREY)
    with pytest.raises(UsageError, match=r"shape 3×28×28 where 1×28×28"):
        module(noise(2, 3, 28, 28))

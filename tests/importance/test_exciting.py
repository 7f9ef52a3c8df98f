import numpy as np
import pytest
import torch
from torch import nn

from convatlas.errors import UnknownName, UsageError
from convatlas.importance.exciting import most_exciting
from convatlas.networks import build
from tests.importance.pictures import of, random


def unpadded() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 5, 3, stride=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.LazyLinear(7),
    )


def test_a_patch_that_is_cut_out_gives_the_unit_its_value_again() -> None:
    network, (pictures, _) = unpadded(), of(random(30, 3, 20, 24))
    network(torch.zeros(1, 3, 20, 24))  # the lazy layer
    for layer in ("0", "2", "4"):
        best = most_exciting(network, layer, pictures, count=3)
        cut = network[: int(layer) + 1]
        for channel, patches in best.items():
            assert len(patches) == 3
            for one in patches:
                pixels = torch.from_numpy(one.pixels).float()[None] / 255
                values = cut(pixels)
                assert values.shape[2:] == (1, 1) and one.outside == (0, 0, 0, 0)
                assert values[0, channel].item() == pytest.approx(one.value, rel=1e-5)


def test_the_best_of_all_pictures_are_found_strongest_first() -> None:
    network, images = build("mnist-cnn").eval(), random(700, 1, 28, 28)
    pictures, _ = of(images, [f"picture {n}" for n in range(700)])
    best = most_exciting(network, "features.conv2", pictures, [3, 1], count=4)
    caught: list[torch.Tensor] = []
    handle = network.get_submodule("features.conv2").register_forward_hook(
        lambda module, args, result: caught.append(result)
    )
    with torch.no_grad():
        network(images.float() / 255)
    handle.remove()
    maps = caught[0]
    assert list(best) == [3, 1]
    for channel, patches in best.items():
        top = maps[:, channel].flatten(1).max(dim=1).values.topk(4)
        assert [one.picture for one in patches] == top.indices.tolist()
        assert [one.label for one in patches] == [f"picture {n}" for n in top.indices]
        for one in patches:
            y, x = one.unit
            value = maps[one.picture, channel, y, x].item()
            assert one.value == pytest.approx(value, rel=1e-5)
            top_, left, bottom, right = one.region
            shown = images[one.picture, :, top_ : bottom + 1, left : right + 1]
            assert np.array_equal(one.pixels, shown.numpy())


def test_padding_that_a_unit_sees_is_counted() -> None:
    conv = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    nn.init.ones_(conv.weight)
    image = torch.zeros(1, 1, 6, 8, dtype=torch.uint8)
    image[0, 0, 0, 7] = 255  # the upper right corner
    pictures, _ = of(torch.cat([image, image * 0]))
    network = nn.Sequential(conv, nn.Flatten())
    one = most_exciting(network, "0", pictures)[0][0]
    assert one.unit == (0, 6) and one.region == (0, 5, 1, 7)
    assert one.outside == (1, 0, 0, 0) and one.value == pytest.approx(1)
    image[0, 0, 0, 7], image[0, 0, 5, 0] = 0, 255
    conv.weight.data[:] = 0
    conv.weight.data[0, 0, 1, 1] = 1
    pictures, _ = of(torch.cat([image, image * 0]))
    one = most_exciting(network, "0", pictures)[0][0]
    assert one.unit == (5, 0) and one.outside == (0, 1, 1, 0)
    assert one.pixels.shape == (1, 2, 2)


def test_a_unit_of_a_vector_sees_the_whole_picture() -> None:
    network, (pictures, _) = build("mnist-cnn").eval(), of(random(5, 1, 28, 28))
    best = most_exciting(network, "head.fc", pictures, [2], count=2)
    assert best[2][0].region == (0, 0, 27, 27)
    assert best[2][0].pixels.shape == (1, 28, 28)


def test_a_unit_that_never_moves_has_no_patches() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten())
    nn.init.constant_(network[0].weight[1], -1)
    nn.init.zeros_(network[0].bias)
    pictures, _ = of(random(6, 1, 5, 5))
    best = most_exciting(network, "1", pictures)
    assert best[1] == () and len(best[0]) in (0, 6)


def test_pictures_are_fetched_in_batches_and_progress_is_told() -> None:
    pictures, fetched = of(random(600, 1, 8, 8))
    told: list[tuple[int, int]] = []
    network = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten())
    most_exciting(
        network,
        "0",
        pictures,
        count=2,
        progress=lambda what, done, total, unit: told.append((done, total)),
    )
    assert max(fetched) <= 250 and sum(fetched) <= 600 + 2 + 2
    assert told == [(250, 600), (500, 600), (600, 600)]
    large, fetched = of(random(30, 3, 300, 300))
    list(large.batches())
    assert max(fetched) == 7  # 2^21 values


def test_the_network_is_left_as_it_was() -> None:
    network, (pictures, _) = build("resnet20").train(), of(random(4, 3, 32, 32))
    numbers = {name: value.clone() for name, value in network.state_dict().items()}
    most_exciting(network, "features.conv", pictures)
    assert all((numbers[k] == v).all() for k, v in network.state_dict().items())
    assert all(module.training for module in network.modules())
    assert not any(m._forward_hooks for m in network.modules())


def test_what_cannot_be_looked_for_is_said() -> None:
    network, (pictures, _) = build("mnist-cnn"), of(random(3, 1, 28, 28))
    with pytest.raises(UnknownName, match="did you mean features.conv"):
        most_exciting(network, "features.conv9", pictures)
    with pytest.raises(UsageError, match="channel 99: features.conv1 has the chan"):
        most_exciting(network, "features.conv1", pictures, [99])
    with pytest.raises(UsageError, match="count = 0"):
        most_exciting(network, "features.conv1", pictures, count=0)
    with pytest.raises(UsageError, match="some: has no pictures"):
        most_exciting(network, "features.conv1", of(random(0, 1, 28, 28))[0])

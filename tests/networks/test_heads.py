"""Heads for classes and for the digits of a number."""

import pytest
import torch
from torch import nn

from convatlas.errors import NetworkError
from convatlas.networks import Network, build, variants
from convatlas.networks.heads import DigitHead, carry, class_head, map_shape


def test_class_head_averages_the_map() -> None:
    head = class_head(6, 3, dropout=0.4).eval()
    images = torch.randn(2, 6, 4, 5)
    expected = head.fc(images.mean(dim=(2, 3)))
    torch.testing.assert_close(head(images), expected)
    assert [name for name, _ in head.named_children()] == [
        *("pool", "flatten", "dropout", "fc")
    ]
    assert "dropout" not in dict(class_head(6, 3).named_children())


@pytest.mark.parametrize(
    ("keep", "inputs"), [("all", 6 * 4 * 5), ("columns", 6 * 5), ("channels", 6)]
)
def test_digits_see_what_is_kept(keep: str, inputs: int) -> None:
    head = DigitHead((6, 4, 5), digits=3, classes=11, keep=keep)
    images = torch.randn(2, 6, 4, 5)
    assert head(images).shape == (2, 3, 11)
    assert {layer.in_features for layer in head.digits} == {inputs}
    mirrored = head(images.flip(3))
    if keep == "channels":  # global pooling forgets the order of the digits
        torch.testing.assert_close(mirrored, head(images))
    else:
        assert (mirrored - head(images)).abs().max() > 0.01


def test_each_digit_has_its_own_layer() -> None:
    head = DigitHead((2, 1, 1), digits=4, classes=5)
    vector = torch.randn(1, 2, 1, 1)
    logits = head(vector)
    for place, layer in enumerate(head.digits):
        torch.testing.assert_close(logits[:, place], layer(vector.flatten(1)))
    assert len({id(layer.weight) for layer in head.digits}) == 4


def test_no_digits() -> None:
    with pytest.raises(NetworkError, match="^digits = 0: a number needs at least one$"):
        DigitHead((2, 1, 1), digits=0)


def test_any_family_can_read_numbers() -> None:
    youngest = {variant.family: variant for variant in variants()}
    for variant in youngest.values():
        with torch.device("meta"):
            network = build(variant.name)
            reader = carry(network, variant.input, digits=4, classes=11).eval()
            images = torch.empty(2, *variant.input)
            assert reader(images).shape == (2, 4, 11), variant.name
        assert reader.features is network.features


def test_features_without_a_map() -> None:
    network = Network(nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(NetworkError) as error:
        carry(network, (1, 2, 2))
    assert str(error.value) == (
        "the features end in a shape of (4,); a head for digits needs channels × "
        "height × width"
    )


def test_finding_the_shape_changes_nothing() -> None:
    network = build("resnet-mini").features
    network.train()
    network[0].eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert map_shape(network, (1, 28, 28)) == (32, 4, 4)
    assert network.training and not network[0].training
    for name, tensor in network.state_dict().items():
        assert tensor.equal(before[name])

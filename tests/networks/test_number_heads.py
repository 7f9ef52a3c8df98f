"""Heads that read numbers, on any network of the atlas."""

import pytest
import torch
from torch import nn

from convatlas.errors import InputSizeError, NetworkError, UnknownName
from convatlas.networks import Network, build, find, variants
from convatlas.networks.number_heads import (
    AttentionHead,
    ColumnsHead,
    DigitHead,
    LengthHead,
    carry,
)


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
            reader = carry(network, variant.input, digits=4).eval()
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


def test_attention_weighs_the_map_for_each_digit() -> None:
    head = AttentionHead((6, 3, 4), digits=2)
    images = torch.randn(5, 6, 3, 4)
    weights = head.scores(images).reshape(5, 2, 12).softmax(2)
    seen = torch.einsum("ndp,ncp->ndc", weights, images.reshape(5, 6, 12))
    torch.testing.assert_close(head(images), head.fc(seen))
    assert head(images).shape == (5, 2, 11)


def test_length_stands_before_the_digits() -> None:
    head = LengthHead((6, 3, 4), digits=5)
    images = torch.randn(2, 6, 3, 4)
    vector = images.mean(2).flatten(1)
    torch.testing.assert_close(head(images)[:, :7], head.length(vector))
    torch.testing.assert_close(head(images)[:, 7:], head.digits(vector))


def test_columns_are_read_one_by_one() -> None:
    head = ColumnsHead((6, 3, 9))
    images = torch.randn(2, 6, 3, 9)
    torch.testing.assert_close(head(images.flip(3)), head(images).flip(1))
    with pytest.raises(InputSizeError, match="^the map has 8 columns; numbers of 5 "):
        ColumnsHead((6, 3, 8))


@pytest.mark.parametrize(
    ("head", "answers"),
    [("digits", (5, 11)), ("attention", (5, 11)), ("length", (57,))],
)
def test_a_name_puts_a_head_onto_a_trunk(head: str, answers: tuple[int, ...]) -> None:
    name = f"resnet18:{head}"
    assert find(name).answers == head
    with torch.device("meta"):
        network = build(name, input_size=(32, 64))
        assert network(torch.empty(2, 3, 32, 64)).shape == (2, *answers)


def test_columns_want_a_wide_map() -> None:
    with torch.device("meta"):
        network = build("resnet-mini:columns", in_channels=3)
        assert network(torch.empty(2, 3, 64, 128)).shape[2] == 11
        with pytest.raises(InputSizeError):
            build("resnet-mini:columns", in_channels=3, input_size=(32, 32))


def test_published_weights_of_a_trunk_leave_the_head_alone() -> None:
    published = find("vgg16:digits").published["imagenet"]
    with torch.device("meta"):
        names = published.names(build("vgg16:digits"))
    assert {own.partition(".")[0] for own in names.values()} == {"features"}
    assert set(published.skipped) == {"classifier.0", "classifier.3", "classifier.6"}


def test_names_of_heads_that_cannot_be() -> None:
    with pytest.raises(UnknownName, match="no head is called 'digit'; did you mean"):
        find("resnet18:digit")
    with pytest.raises(NetworkError, match="street-finder finds numbers"):
        find("street-finder:digits")


def test_networks_that_read_can_change_their_head() -> None:
    swapped = find("street-reader:columns")
    assert swapped.answers == "columns" and swapped.input == (3, 40, 96)
    with torch.device("meta"):
        network = build("street-reader:columns")
        assert network(torch.empty(2, 3, 40, 96)).shape == (2, 12, 11)

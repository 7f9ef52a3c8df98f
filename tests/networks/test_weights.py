"""Weights from files that are made here."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torchvision import models

from convatlas.errors import NetworkError, UnknownName
from convatlas.networks import build, find, variants
from convatlas.networks.weights import load_weights, read_state


@pytest.fixture(scope="module")
def oracle() -> models.ResNet:
    torch.manual_seed(0)
    return models.resnet18().eval()


@pytest.fixture(scope="module")
def file(oracle: models.ResNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(oracle.state_dict(), path)
    return path


def logits(network: torch.nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        return network.eval()(images)


def test_file_of_torchvision(oracle: models.ResNet, file: Path) -> None:
    images = torch.randn(2, 3, 64, 64)
    network = build("resnet18", weights=file)
    torch.testing.assert_close(logits(network, images), logits(oracle, images))
    assert logits(build("resnet18", weights=str(file)), images).equal(
        logits(network, images)
    )


def test_file_of_our_own_and_safetensors(tmp_path: Path) -> None:
    network = build("lenet5-tanh")
    save_file(network.state_dict(), tmp_path / "best.safetensors")
    torch.save(network.state_dict(), tmp_path / "best.pt")
    images = torch.randn(2, 1, 28, 28)
    for name in ("best.safetensors", "best.pt"):
        other = build("lenet5-tanh", weights=tmp_path / name)
        assert logits(other, images).equal(logits(network, images))


def test_other_classes_get_a_new_head(oracle: models.ResNet, file: Path) -> None:
    variant = find("resnet18")
    torch.manual_seed(1)
    network = variant.build(classes=7, in_channels=3, input_size=(64, 64))
    fresh = network.head.fc.weight.clone()
    left = load_weights(network, variant, file)
    assert left == ["head.fc.weight", "head.fc.bias"]
    assert network.head.fc.weight.equal(fresh)
    assert network.features.stem.conv.weight.equal(oracle.conv1.weight)
    assert logits(network, torch.randn(1, 3, 64, 64)).shape == (1, 7)


def test_grey_images_give_what_grey_colours_gave(
    oracle: models.ResNet, file: Path
) -> None:
    grey = torch.randn(2, 1, 64, 64)
    network = build("resnet18", in_channels=1, weights=file)
    expected = logits(oracle, grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(logits(network, grey), expected, rtol=1e-4, atol=1e-4)


def test_two_channels_cannot_be_served(file: Path) -> None:
    with pytest.raises(NetworkError) as error:
        build("resnet18", in_channels=2, weights=file)
    assert str(error.value) == (
        "weights for 3 input channels serve 1 or 3, not 2 (features.stem.conv.weight)"
    )


def test_a_deeper_network_is_refused(tmp_path: Path, file: Path) -> None:
    torch.save(models.resnet34().state_dict(), tmp_path / "deep.pth")
    with pytest.raises(NetworkError, match=r"deep.pth: its names \(conv1.weight, "):
        build("resnet18", weights=tmp_path / "deep.pth")
    with pytest.raises(NetworkError, match="missing"):
        build("resnet34", weights=file)


def test_another_input_size_is_refused(tmp_path: Path) -> None:
    state = build("lenet5-sigmoid", input_size=(32, 32)).state_dict()
    torch.save(state, tmp_path / "big.pt")
    with pytest.raises(NetworkError) as error:
        build("lenet5-sigmoid", weights=tmp_path / "big.pt")
    assert str(error.value).endswith(
        "head.fc1.weight is 120×576 there and 120×400 in lenet5-sigmoid as built; "
        "weights fit the published input size only"
    )


def test_names_that_are_no_files() -> None:
    with pytest.raises(UnknownName) as error:
        build("resnet18", weights="imagnet")
    assert str(error.value).startswith(
        "no set of weights is called 'imagnet'; did you mean imagenet"
    )
    with pytest.raises(UnknownName, match=r"\(for lenet5: none\)$"):
        build("lenet5", weights="imagenet")
    with pytest.raises(NetworkError, match="^weights gone/best.pt: there is no such"):
        build("lenet5", weights="gone/best.pt")


@pytest.mark.parametrize("name", ["text.pt", "text.safetensors", "empty.pt"])
def test_other_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("" if name.startswith("empty") else "no weights" * 9)
    with pytest.raises(NetworkError, match=f"{name}: neither a safetensors file nor a"):
        read_state(tmp_path / name)


def test_nothing_but_tensors_is_read(tmp_path: Path) -> None:
    torch.save({"model": {"conv1.weight": torch.ones(1)}}, tmp_path / "nested.pt")
    with pytest.raises(NetworkError, match="nested.pt: holds something else than a st"):
        read_state(tmp_path / "nested.pt")
    torch.save(build("mnist-cnn"), tmp_path / "code.pt")  # a pickled object
    with pytest.raises(NetworkError, match="code.pt: neither a safetensors file nor"):
        read_state(tmp_path / "code.pt")


def test_a_name_with_a_hash_is_checked(tmp_path: Path, file: Path) -> None:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    right = tmp_path / f"resnet18-{digest}.pth"
    right.write_bytes(file.read_bytes())
    assert len(read_state(right)) == len(models.resnet18().state_dict())
    wrong = tmp_path / "resnet18-0123abcd.pth"
    right.rename(wrong)
    with pytest.raises(NetworkError) as error:
        read_state(wrong)
    assert str(error.value) == (
        f"{wrong}: its SHA-256 begins with {digest}, by its name it should begin with "
        "0123abcd; it is damaged or renamed"
    )


def test_names_cover_the_network_exactly() -> None:
    """Every published set of names leads to every module that has tensors."""
    for variant in variants():
        for published in variant.published.values():
            with torch.device("meta"):
                network = build(variant.name)
            own = set(published.names(network).values())
            state = network.state_dict()
            needed = {name.rpartition(".")[0] for name in state}
            if published.skipped:  # the head of the file is not this one's
                needed = {name for name in needed if not name.startswith("head.")}
            assert needed <= own, variant.name


def test_a_published_name_loads_what_was_downloaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "resnet18.pth").write_bytes(file.read_bytes())
    published = find("resnet18").published["imagenet"]
    here = replace(published, url="https://nowhere.invalid/resnet18.pth")
    variant = replace(find("resnet18"), published={"imagenet": here})
    network = variant.build(classes=1000, in_channels=3, input_size=(224, 224))
    assert load_weights(network, variant, "imagenet") == []
    state = torch.load(file, weights_only=True)
    assert network.features.stem.conv.weight.equal(state["conv1.weight"])

"""Weights from outside: downloaded or from a file, fitted to the network at hand."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from convatlas.errors import NetworkError, UnknownName
from convatlas.networks.download import download, hash_in_name
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant
from convatlas.progress import Progress, silent


def load_weights(
    network: Network,
    variant: Variant,
    source: str | Path,
    progress: Progress = silent,
) -> list[str]:
    """Fills a network with weights, in place.

    Args:
        network: as ``variant.build`` gave it.
        variant: tells which weights are published and what the modules are called.
        source: a name of published weights (``"imagenet"``) or a path.
        progress: told how far the download is.

    Returns:
        The names of the tensors that keep their fresh values: a last layer with other
        classes than the file's, or a whole head that the file does not have.

    Raises:
        UnknownName: neither a file nor the name of published weights.
        NetworkError: the file cannot be read, is damaged or belongs to another network.
    """
    if isinstance(source, str) and source in variant.published:
        path = download(variant.published[source].url, progress)
    else:
        path = Path(source)
        if not path.is_file():
            _refuse(variant, source)
    state = read_state(path)
    own = network.state_dict()
    if not _same_names(state, own):
        state = _translated(state, network, variant, path)
    fresh = _fit(state, own, variant, path)
    network.load_state_dict(state, strict=False)
    return fresh


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file or of a state dict, by name.

    Only tensors are read (``weights_only=True``): a file cannot run code. A name that
    ends in ``-`` and hexadecimal digits is checked against the file's SHA-256.

    Raises:
        NetworkError: not such a file, or damaged.
    """
    _check_hash(path)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        raise NetworkError(
            f"{path}: neither a safetensors file nor a plain state dict "
            f"({_line(error)})"
        ) from None
    except OSError as error:
        raise NetworkError(f"{path}: {error.strerror or _line(error)}") from None
    if not isinstance(state, Mapping) or not all(
        isinstance(tensor, Tensor) for tensor in state.values()
    ):
        raise NetworkError(f"{path}: holds something else than a state dict")
    return {str(name): tensor for name, tensor in state.items()}


def _refuse(variant: Variant, source: str | Path) -> None:
    text = str(source)
    if "/" in text or "." in text:
        raise NetworkError(f"weights {text}: there is no such file")
    known = ", ".join(variant.published) or "none"
    raise UnknownName(
        "set of weights", text, variant.published, f"for {variant.name}: {known}"
    )


def _check_hash(path: Path) -> None:
    expected = hash_in_name(path.name)
    if expected is None:
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(expected):
        raise NetworkError(
            f"{path}: its SHA-256 begins with {digest[:8]}, by its name it should "
            f"begin with {expected}; it is damaged or renamed"
        )


def _same_names(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> bool:
    """Whether the features are called the same; the heads may differ."""
    return _features(state) == _features(own)


def _features(state: Mapping[str, Tensor]) -> set[str]:
    return {
        name
        for name in state
        if name.startswith("features.") and not name.endswith("num_batches_tracked")
    }


def _translated(
    state: Mapping[str, Tensor], network: Network, variant: Variant, path: Path
) -> dict[str, Tensor]:
    """The state under the network's own names, by the first set of names that fits."""
    for published in variant.published.values():
        found = _renamed(state, published, network)
        if found is not None:
            return found
    raise NetworkError(
        f"{path}: its names ({_some(state)}) are not those of {variant.name} "
        f"({_some(network.state_dict())})"
    )


def _renamed(
    state: Mapping[str, Tensor], published: Published, network: Network
) -> dict[str, Tensor] | None:
    names = published.names(network)
    renamed = {}
    for key, tensor in state.items():
        module, _, kind = key.rpartition(".")
        if module in names:
            renamed[f"{names[module]}.{kind}"] = tensor
        elif module not in published.skipped:
            return None
    return renamed


def _fit(
    state: dict[str, Tensor], own: Mapping[str, Tensor], variant: Variant, path: Path
) -> list[str]:
    """Makes the state fit, in place; the names that must keep their fresh values."""
    first = next(name for name, tensor in own.items() if tensor.ndim == 4)
    headless = not any(name.startswith("head.") for name in state)
    fresh = []
    for name, tensor in own.items():
        if name.endswith("num_batches_tracked") and name not in state:
            continue  # files from before PyTorch 0.4.1 have none
        if name not in state and headless and name.startswith("head."):
            fresh.append(name)
            continue
        if name not in state:
            raise NetworkError(f"{path}: {name} of {variant.name} is missing")
        given = state[name]
        if name == first and given.shape[1] != tensor.shape[1]:
            given = state[name] = _regrouped(given, tensor.shape[1], name)
        if given.shape == tensor.shape:
            continue
        counts_classes = name.startswith("head.") or given.shape[0] == variant.classes
        if counts_classes and given.shape[1:] == tensor.shape[1:]:
            fresh.append(name)
            del state[name]
            continue
        raise NetworkError(
            f"{path}: {name} is {_text(given)} there and {_text(tensor)} in "
            f"{variant.name} as built; weights fit the published input size only"
        )
    return fresh


def _regrouped(filters: Tensor, channels: int, name: str) -> Tensor:
    """Filters of a colour picture for a grey one: equal channels give equal sums."""
    if channels != 1:
        raise NetworkError(
            f"weights for {filters.shape[1]} input channels serve 1 or "
            f"{filters.shape[1]}, not {channels} ({name})"
        )
    return filters.sum(dim=1, keepdim=True)


def _some(names: Mapping[str, Tensor]) -> str:
    return ", ".join(list(names)[:2]) + ", ..."


def _text(tensor: Tensor) -> str:
    return "×".join(str(size) for size in tensor.shape) or "a number"


def _line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else "empty"

"""Fetching a file of weights once."""

import re
from pathlib import Path
from urllib.parse import urlparse

import torch

from convatlas.download import fetch
from convatlas.errors import MissingData, NetworkError
from convatlas.progress import Progress, silent

HASH = re.compile(r"-([0-9a-f]{8,64})\.[a-z]+$")  # as PyTorch names its files


def download(url: str, progress: Progress = silent) -> Path:
    """The file behind an address, fetched once into PyTorch's cache of checkpoints.

    The file is whole or not there: it gets its name when its SHA-256 has been compared
    with the one in the address.

    Raises:
        NetworkError: it could not be fetched, or its SHA-256 is wrong.
    """
    name = Path(urlparse(url).path).name
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    target = folder / name
    if target.is_file():
        return target
    try:
        fetch([url], target, f"sha256:{hash_in_name(name) or ''}", progress)
    except MissingData as error:
        raise NetworkError(
            f"{error}; fetch {url} elsewhere and give the file's path, or put it into "
            f"{folder}"
        ) from None
    return target


def hash_in_name(name: str) -> str | None:
    """The beginning of a SHA-256 that a file carries in its name."""
    match = HASH.search(name)
    return match[1] if match else None

"""Fetching a file of weights once."""

import hashlib
import os
import re
import sys
import tempfile
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

import torch

from convatlas.errors import NetworkError

HASH = re.compile(r"-([0-9a-f]{8,64})\.[a-z]+$")  # as PyTorch names its files
CHUNK_BYTES = 1 << 20
PATIENCE_SECONDS = 30.0


def download(url: str) -> Path:
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
    expected = hash_in_name(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            try:
                digest = _fetch(url, file)
                if expected and not digest.startswith(expected):
                    raise NetworkError(
                        f"{url} is damaged: its SHA-256 begins with {digest[:8]}; "
                        "try again"
                    )
                os.replace(file.name, target)
            finally:
                Path(file.name).unlink(missing_ok=True)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise NetworkError(
            f"{url} could not be downloaded ({error}); fetch {name} elsewhere and give "
            f"its path, or put it into {folder}"
        ) from None
    return target


def hash_in_name(name: str) -> str | None:
    """The beginning of a SHA-256 that a file carries in its name."""
    match = HASH.search(name)
    return match[1] if match else None


def _fetch(url: str, file: IO[bytes]) -> str:
    """Writes what an address gives, and returns its SHA-256."""
    digest = hashlib.sha256()
    request = Request(url, headers={"User-Agent": "convatlas"})
    response: HTTPResponse
    with urlopen(request, timeout=PATIENCE_SECONDS) as response:
        total = int(response.headers.get("Content-Length") or 0)
        done = 0
        while chunk := response.read(CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            _tell(url, done, total)
    if total and done < total:
        raise OSError(f"the connection broke after {done} of {total} bytes")
    file.flush()
    return digest.hexdigest()


def _tell(url: str, done: int, total: int) -> None:
    """One line that counts the megabytes, where a person is watching."""
    if sys.stderr.isatty():
        of = f" of {total / 1e6:.0f}" if total else ""
        end = "\n" if done == total else ""
        print(f"\r{url}: {done / 1e6:.0f}{of} MB", end=end, file=sys.stderr)

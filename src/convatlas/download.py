"""Fetches a file whole and right, or not at all."""

import contextlib
import hashlib
import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from io import BufferedRandom
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from convatlas.errors import MissingData
from convatlas.progress import Progress, silent

CHUNK_BYTES = 1 << 18
TIMEOUT_SECONDS = 20
TRIES = 3  # at one address, when the line breaks in the middle of the file
AGENT = {"User-Agent": "convatlas"}  # some servers turn Python's own name away


def fetch(
    urls: Sequence[str], target: Path, checksum: str, progress: Progress = silent
) -> None:
    """Downloads a file from the first address that gives the right bytes.

    What has arrived stays in ``NAME.part`` when the line breaks or the user does, and
    the next call goes on from there. The target appears in one step, checked.

    Args:
        urls: tried in this order.
        target: where to put the file; its folder is made.
        checksum: of the whole file, as ``"md5:9e10..."`` or ``"sha256:f37072..."``; the
            first digits are enough. ``"size:404141560"`` (bytes) where none is known.
        progress: told the bytes so far.

    Raises:
        MissingData: no address gave the file; the message says why at each.
    """
    part_path = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(part_path) as part:
            faults = _fill(part, urls, target.name, checksum, progress)
        if faults is None:
            part_path.replace(target)
            return
        if part_path.stat().st_size == 0:
            part_path.unlink()
    except OSError as error:
        raise MissingData(f"{target}: cannot be written ({error.strerror})") from None
    raise MissingData(f"{target.name} could not be fetched ({'; '.join(faults)})")


def _fill(
    part: BufferedRandom,
    urls: Sequence[str],
    name: str,
    checksum: str,
    progress: Progress,
) -> list[str] | None:
    """None when ``part`` is the whole file; else what went wrong at each address."""
    faults = []
    for url in urls:
        fault = _fetch_one(url, part, name, checksum, progress)
        if not fault:
            return None
        faults.append(f"{urlsplit(url).netloc}: {fault}")
    return faults


def _fetch_one(
    url: str, part: BufferedRandom, name: str, checksum: str, progress: Progress
) -> str:
    """Fills ``part`` from one address; what went wrong, or nothing."""
    fault = ""
    for _ in range(TRIES):
        resumed = part.seek(0, 2)
        try:
            complete = _append(url, part, name, progress)
        except HTTPError as error:
            error.close()
            if error.code != 416:  # not: "you have it all already"
                return f"HTTP {error.code} {error.reason}"
            complete = True
        except URLError as error:
            return _reason(error.reason)
        except (OSError, http.client.HTTPException) as error:
            fault = _reason(error)
            continue
        if not complete:
            fault = "the line broke before the end"
            continue
        if _is_right(part, checksum):
            return ""
        part.seek(0)
        part.truncate()
        fault = f"sent another file than expected (wrong {_what(checksum)})"
        if not resumed:  # else the beginning may be at fault: once more, from the start
            return fault
    return fault


def _append(url: str, part: BufferedRandom, name: str, progress: Progress) -> bool:
    """Reads on from where ``part`` ends; whether that was all."""
    done = part.tell()
    headers = {**AGENT, "Range": f"bytes={done}-"} if done else AGENT
    with urlopen(Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as reply:
        if reply.status != http.client.PARTIAL_CONTENT:  # it begins from the start
            done = part.seek(0)
            part.truncate()
        announced = reply.headers.get("Content-Length")
        total = done + int(announced) if announced else 0
        progress(name, done, total, "bytes")
        while chunk := reply.read(CHUNK_BYTES):
            part.write(chunk)
            done += len(chunk)
            progress(name, done, total, "bytes")
    part.flush()
    return not total or done == total


def _is_right(part: BufferedRandom, checksum: str) -> bool:
    kind, _, digits = checksum.partition(":")
    if kind == "size":
        return part.seek(0, 2) == int(digits)
    part.seek(0)
    found = hashlib.file_digest(
        part, lambda: hashlib.new(kind, usedforsecurity=False)
    ).hexdigest()
    return found.startswith(digits)


def _what(checksum: str) -> str:
    return "size" if checksum.startswith("size:") else "checksum"


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS} s"
    if isinstance(error, socket.gaierror):
        return "not found (offline?)"
    if isinstance(error, ssl.SSLError):
        return f"no safe connection ({error.reason})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BufferedRandom]:
    """The file open for reading and writing, by one process at a time.

    Raises:
        MissingData: another process has it.
    """
    with path.open("a+b") as file:  # a+: what is there stays, what comes is added
        try:
            import fcntl
        except ImportError:  # Windows: renaming an open file fails there anyway
            pass
        else:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise MissingData(
                    f"{path}: another program is fetching this file; wait for it"
                ) from None
        yield file

import hashlib
import io
import pickle
import struct
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from convatlas.data import cifar, load
from convatlas.data.entry import RemoteFile
from convatlas.data.obtain import obtain
from convatlas.errors import DataError


def python2_pickle(pixels: np.ndarray, labels: list[int]) -> bytes:
    """A batch with the opcodes that Python 2 and its NumPy wrote in 2009."""

    def text(value: bytes) -> bytes:
        return b"T" + struct.pack("<I", len(value)) + value

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n"
        + (b"(cnumpy\nndarray\n" + number(0) + b"\x85" + text(b"b") + b"tR")
        + (b"(" + number(1))
        + (b"(" + number(pixels.shape[0]) + number(pixels.shape[1]) + b"t")
        + (b"cnumpy\ndtype\n(" + text(b"u1") + number(0) + number(1) + b"tR")
        + (b"(" + number(3) + text(b"|") + b"NNN" + number(-1) * 2 + number(0) + b"tb")
        + (b"\x89" + text(pixels.tobytes()) + b"tb")
    )
    return (
        b"\x80\x02}("
        + (text(b"data") + array)
        + (text(b"labels") + b"](" + b"".join(map(number, labels)) + b"e")
        + (text(b"batch_label") + text(b"caf\xe9") + b"u.")
    )


def batch(number: int) -> tuple[np.ndarray, list[int]]:
    random = np.random.RandomState(number)
    pixels = random.randint(0, 256, (20, 3072)).astype(np.uint8)
    return pixels, [(i + number) % 10 for i in range(20)]


def write_batches(folder: Path) -> None:
    (folder / cifar.FOLDER).mkdir(parents=True)
    for number, name in enumerate([*cifar.TRAINING, *cifar.TEST]):
        (folder / name).write_bytes(python2_pickle(*batch(number)))


def test_batches_of_python_2_are_read(tmp_path: Path) -> None:
    write_batches(tmp_path)
    dataset = load("cifar10", folder=tmp_path)
    assert len(dataset.train) == 90 and len(dataset.validation) == 10
    assert dataset.train.images.shape == (90, 3, 32, 32)
    pixels, labels = batch(5)
    assert torch.equal(
        dataset.test.images, torch.from_numpy(pixels.reshape(20, 3, 32, 32))
    )
    assert dataset.test.labels.tolist() == labels
    assert dataset.validation.labels.bincount().tolist() == [1] * 10
    assert dataset.may_flip and dataset.labels.names[9] == "truck"


def test_torchvision_reads_the_same(tmp_path: Path) -> None:
    """Our opcodes are what the real reader expects."""
    content = python2_pickle(*batch(0))
    entry = pickle.loads(content, encoding="latin1")
    assert np.array_equal(entry["data"], batch(0)[0])
    assert entry["batch_label"] == "café"


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('the pickle ran code')",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(Evil()), r"asks for builtins\.exec"),
        (b"", "is no batch of CIFAR-10"),
        (python2_pickle(*batch(0))[:-500], "is no batch of CIFAR-10"),
        (pickle.dumps({"labels": []}), "is no batch of CIFAR-10"),
        (python2_pickle(batch(0)[0], [0] * 19), "do not fit together"),
        (python2_pickle(batch(0)[0], [10] * 20), "do not fit together"),
    ],
)
def test_what_is_no_batch_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    write_batches(tmp_path)
    (tmp_path / cifar.TRAINING[2]).write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        load("cifar10", folder=tmp_path)
    assert "data_batch_3: is no batch" in str(caught.value)


def test_the_archive_is_fetched_and_unpacked(server, tmp_path: Path) -> None:
    write_batches(tmp_path / "made")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(tmp_path / "made" / cifar.FOLDER, cifar.FOLDER)
    server.files["/c.tar.gz"] = buffer.getvalue()
    digest = hashlib.md5(buffer.getvalue()).hexdigest()
    remote = RemoteFile("c.tar.gz", (f"{server.url}/c.tar.gz",), digest, archive=True)
    (entry,) = cifar.ENTRIES
    folder = tmp_path / "fetched"
    obtain(replace(entry, remote=lambda: (remote,)), folder)
    assert len(load("cifar10", folder=folder).test) == 20


def test_the_constants_fit_the_real_files(real_data: Path) -> None:
    from convatlas.data.statistics import channel_statistics

    (entry,) = cifar.ENTRIES
    if not entry.present(real_data):
        pytest.skip("no cifar-10-batches-py in the data folder")
    dataset = load("cifar10", folder=real_data)
    both = torch.cat([dataset.train.images, dataset.validation.images])
    mean, std = channel_statistics(both)
    assert mean == pytest.approx(dataset.spec.mean, abs=1e-4)
    assert std == pytest.approx(dataset.spec.std, abs=1e-4)

"""Files of MNIST and FashionMNIST as torchvision reads them: plain, not packed."""

import gzip
import struct
from math import prod
from pathlib import Path

WHOLE = {"train": 60_000, "t10k": 10_000}


def unpack(
    data_dir: Path, folder: str, root: Path, counts: dict[str, int] | None = None
) -> None:
    """Writes the four files of a data set into ``root/folder/raw``.

    Args:
        data_dir: where ``folder/raw`` lies, packed or plain.
        folder: torchvision's name of the data set.
        root: where to write.
        counts: how many of the first pictures of each split to keep.
    """
    raw = root / folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for split, count in (counts or WHOLE).items():
        for part in ("images-idx3-ubyte", "labels-idx1-ubyte"):
            path = data_dir / folder / "raw" / f"{split}-{part}"
            packed = path.with_name(path.name + ".gz")
            if packed.exists():
                content = gzip.decompress(packed.read_bytes())
            else:
                content = path.read_bytes()
            (raw / path.name).write_bytes(shortened(content, count))


def shortened(content: bytes, count: int) -> bytes:
    """An idx file with the first items alone."""
    dimensions = content[3]
    sizes = struct.unpack_from(f">{dimensions}i", content, 4)
    count = min(count, sizes[0])
    start = 4 + 4 * dimensions
    head = content[:4] + struct.pack(f">{dimensions}i", count, *sizes[1:])
    return head + content[start : start + count * prod(sizes[1:])]

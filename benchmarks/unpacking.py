"""Files of MNIST and FashionMNIST as torchvision reads them: plain, not packed."""

import gzip
from pathlib import Path


def unpack(data_dir: Path, folder: str, root: Path) -> None:
    """Puts plain files where torchvision looks for them; it reads no packed ones."""
    raw = root / folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for path in sorted((data_dir / folder / "raw").iterdir()):
        if path.suffix == ".gz":
            (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        elif not (raw / path.name).exists():
            (raw / path.name).write_bytes(path.read_bytes())

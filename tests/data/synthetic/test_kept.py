from pathlib import Path

import pytest
import torch

from convatlas.data.synthetic import kept
from convatlas.data.synthetic.kept import drawn_split
from convatlas.errors import DataError
from convatlas.house_number import decode

Told = list[tuple[str, int, int, str]]


def test_few_pictures_are_drawn_into_memory(tmp_path: Path) -> None:
    told: Told = []
    split = drawn_split(0, "test", 6, tmp_path / "x", lambda *args: told.append(args))
    assert split.images.shape == (6, 3, 128, 256)
    assert split.images.dtype == torch.uint8 and split.labels.dtype == torch.int64
    assert split.boxes is not None and split.sizes is not None
    assert split.boxes.shape == (6, 5, 4) and split.boxes.dtype == torch.float32
    lengths = [len(number) for number in decode(split.labels)]
    there = (~split.boxes.isnan().any(dim=2)).sum(dim=1)
    assert there.tolist() == lengths and min(lengths) > 0
    assert told[0] == ("drawing numbers", 0, 6, "pictures")
    assert told[-1] == ("drawing numbers", 6, 6, "pictures")
    assert not list(tmp_path.iterdir())


def test_many_are_drawn_once_and_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT", 5)
    monkeypatch.setattr(kept, "AHEAD", 2)
    told: Told = []

    def tell(*args: object) -> None:
        told.append(args)  # type: ignore[arg-type]

    cache = tmp_path / "made" / "numbers"
    first = drawn_split(0, "train", 7, cache, tell)
    assert [done for _, done, _, _ in told] == [0, 2, 4, 6, 7]
    told.clear()
    again = drawn_split(0, "train", 7, cache, tell)
    assert not told  # nothing was drawn
    monkeypatch.setattr(kept, "KEPT", 100)
    plain = drawn_split(0, "train", 7, cache, tell)
    for name in ("images", "labels", "sizes", "boxes"):
        values = [getattr(split, name) for split in (first, again, plain)]
        assert torch.equal(values[0].nan_to_num(), values[1].nan_to_num())
        assert torch.equal(values[0].nan_to_num(), values[2].nan_to_num())
    assert len(list(cache.parent.iterdir())) == 2


def test_an_interrupted_drawing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT", 5)
    monkeypatch.setattr(kept, "AHEAD", 2)

    def stop(job: str, done: int, total: int, unit: str) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn_split(0, "train", 7, tmp_path / "x", stop)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT", 5)
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="0.0 GB of drawn pictures cannot be kept"):
        drawn_split(0, "train", 7, tmp_path / "file" / "x", lambda *args: None)

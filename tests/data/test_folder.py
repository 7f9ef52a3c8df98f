from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.data import load
from convatlas.data.dataset import Dataset
from convatlas.data.folder import load_folder
from convatlas.data.statistics import channel_statistics
from convatlas.errors import DataError, PictureError
from convatlas.progress import silent


def picture(path: Path, seed: int, size: tuple[int, ...] = (12, 16)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.RandomState(seed).randint(0, 256, size).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def fill(root: Path, classes: dict[str, int], size: tuple[int, ...] = (12, 16)) -> Path:
    for c, (name, count) in enumerate(classes.items()):
        for i in range(count):
            picture(root / name / f"{i}.png", 1000 * c + i, size)
    return root


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return fill(tmp_path / "宠物", {"猫": 20, "dog": 30, "fish 10": 5, "fish 2": 3})


def opened(root: Path | str, **options: object) -> Dataset:
    return load(f"folder:{root}", **options)  # type: ignore[arg-type]


def test_folders_are_classes_and_a_tenth_of_each_is_held_out_twice(pets: Path) -> None:
    dataset = opened(pets)
    assert dataset.labels.names == ("dog", "fish 2", "fish 10", "猫")
    assert dataset.spec.shape == (1, 12, 16)
    assert dataset.train.labels.bincount().tolist() == [24, 1, 3, 16]
    assert dataset.validation.labels.bincount().tolist() == [3, 1, 1, 2]
    assert dataset.test.labels.bincount().tolist() == [3, 1, 1, 2]
    files = [*dataset.train.files, *dataset.validation.files, *dataset.test.files]
    assert len(set(files)) == len(files) == 58


def test_pixels_belong_to_their_file_and_label(pets: Path) -> None:
    dataset = opened(pets)
    for name in ("train", "validation", "test"):
        split = dataset.split(name)
        for image, label, file in zip(
            split.images, split.labels, split.files, strict=True
        ):
            assert np.array_equal(image[0].numpy(), np.array(Image.open(pets / file)))
            assert file.split("/")[0] == dataset.labels.names[int(label)]


def test_mean_and_deviation_are_those_of_the_training_split(pets: Path) -> None:
    dataset = opened(pets)
    expected = channel_statistics(dataset.train.images)
    assert (dataset.spec.mean, dataset.spec.std) == expected


def test_the_cut_stays_when_files_are_renamed_or_added(pets: Path) -> None:
    def held(dataset: Dataset) -> set[bytes]:
        return {image.numpy().tobytes() for image in dataset.test.images}

    before = opened(pets)
    for path in sorted(pets.rglob("*.png")):
        path.rename(path.with_name(f"x{path.name}"))
    after = opened(pets)
    assert held(before) == held(after)
    assert before.sha256 != after.sha256
    picture(pets / "dog" / "new.png", 77)
    assert len(held(opened(pets)) & held(before)) >= 6


def test_copies_of_a_picture_stay_together(tmp_path: Path) -> None:
    root = fill(tmp_path, {"a": 20, "b": 20})
    for path in sorted(root.rglob("*.png")):
        path.with_name(f"copy of {path.name}").write_bytes(path.read_bytes())
    dataset = opened(root)
    pixels = [
        {image.numpy().tobytes() for image in dataset.split(name).images}
        for name in ("train", "validation", "test")
    ]
    assert sum(map(len, pixels)) == len(set.union(*pixels)) == 40


def test_the_median_size_is_taken_and_large_ones_are_made_smaller(
    tmp_path: Path,
) -> None:
    root = fill(tmp_path, {"a": 9, "b": 9}, (10, 30))
    fill(root, {"c": 5}, (300, 300))
    assert opened(root).spec.shape == (1, 10, 30)
    fill(root, {"a": 9, "b": 9}, (400, 448))
    assert opened(root).spec.shape == (1, 200, 224)


def test_a_size_in_the_name_or_a_shape_from_a_run(pets: Path) -> None:
    assert opened(f"{pets}@20x24").spec.shape == (1, 20, 24)
    assert opened(f"{pets}@20x24", shape=(3, 8, 8)).train.images.shape[1:] == (3, 8, 8)
    with pytest.raises(DataError, match="a size of 0x24 has no pixels"):
        opened(f"{pets}@0x24")
    with pytest.raises(DataError, match="2 channels: pictures have 1"):
        opened(pets, shape=(2, 8, 8))


def test_one_picture_in_colour_makes_all_rgb(pets: Path) -> None:
    picture(pets / "dog" / "colour.png", 5, (12, 16, 3))
    names = opened(pets).train.files
    assert opened(pets).spec.channels == (3 if "dog/colour.png" in names else 1)
    for i in range(30):
        picture(pets / "dog" / f"colour {i}.png", 500 + i, (12, 16, 3))
    assert opened(pets).spec.channels == 3


@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("Training", "valid", "TEST")]
)
def test_splits_of_the_users_own(tmp_path: Path, names: tuple[str, str, str]) -> None:
    for number, name in enumerate(names):
        fill(tmp_path / name, {"a": 5 - number, "b": 6 - number})
    dataset = opened(tmp_path)
    assert dataset.train.labels.tolist() == [0] * 5 + [1] * 6
    assert dataset.validation.labels.tolist() == [0] * 4 + [1] * 5
    assert dataset.test.labels.tolist() == [0] * 3 + [1] * 4
    assert dataset.test.files[0] == f"{names[2]}/a/0.png"


def test_without_validation_a_tenth_of_training_is_held_out(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"a": 20, "b": 10})
    fill(tmp_path / "test", {"a": 2, "b": 2})
    dataset = opened(tmp_path)
    assert dataset.train.labels.bincount().tolist() == [18, 9]
    assert dataset.validation.labels.bincount().tolist() == [2, 1]
    assert len(dataset.test) == 4
    assert all(file.startswith("train/") for file in dataset.validation.files)


def test_without_test_pictures_only_testing_fails(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"a": 5, "b": 5})
    fill(tmp_path / "val", {"a": 5, "b": 5})
    dataset = opened(tmp_path)
    assert len(dataset.train) == len(dataset.validation) == 10
    with pytest.raises(DataError, match="the test split is empty; make a test/ folder"):
        _ = dataset.test


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    root = fill(tmp_path, {"train": 5, "test": 5, "bus": 5})
    assert opened(root).labels.names == ("bus", "test", "train")


@pytest.mark.parametrize(
    ("names", "may"),
    [(("cat", "dog"), True), (("0", "10"), False), (("b", "d"), False)],
)
def test_letters_and_numbers_are_never_mirrored(
    tmp_path: Path, names: tuple[str, str], may: bool
) -> None:
    assert opened(fill(tmp_path, dict.fromkeys(names, 3))).may_flip is may


def broken_folders(root: Path) -> dict[str, str]:
    """Folders that make no data set, and what is said of each."""
    fill(root / "one", {"cat": 5})
    fill(root / "few", {"cat": 5, "dog": 2})
    fill(root / "empty class", {"cat": 5})
    (root / "empty class" / "dog").mkdir()
    (root / "nothing").mkdir()
    for i in range(3):
        picture(root / "flat" / f"{i}.png", i)
    fill(root / "stray", {"cat": 5, "dog": 5})
    picture(root / "stray" / "lost.png", 1)
    fill(root / "unknown" / "train", {"cat": 5, "dog": 5})
    fill(root / "unknown" / "test", {"cat": 5, "zebra": 5})
    fill(root / "twice" / "train", {"cat": 5, "dog": 5})
    fill(root / "twice" / "val", {"cat": 5, "dog": 5})
    fill(root / "twice" / "valid", {"cat": 5, "dog": 5})
    fill(root / "no val" / "train", {"cat": 5, "dog": 5})
    (root / "no val" / "val").mkdir()
    for name in ("cat", "dog"):
        for i in range(5):
            path = root / "even" / name / f"{i}.bmp"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), 7).save(path)
            path.write_bytes(path.read_bytes() + bytes([i]))
    return {
        "one": r"one: one class only \('cat'\)",
        "few": "the class 'dog' has 2 different pictures; cutting it .* needs 3",
        "empty class": "dog: a class folder without pictures; fill or delete it",
        "nothing": "nothing: a folder without pictures; wanted are folders with",
        "flat": r"labels are missing, 0\.png lies in no class folder",
        "stray": r"lost\.png: lies in no class folder",
        "unknown": r"test/zebra/0\.png has a class that train/ does not have",
        "no val": "val: the validation split is empty; fill or delete it",
        "twice": "val and valid both mean validation; keep one",
        "even": "all training pictures are of one even colour",
        "missing": "missing: no such folder",
        "one/cat/0.png": r"0\.png: is a file, not a folder",
        "": "names no folder; write folder:PATH",
    }


def test_folders_that_make_no_data_set(tmp_path: Path) -> None:
    for name, words in broken_folders(tmp_path).items():
        with pytest.raises(DataError, match=words) as caught:
            opened(tmp_path / name if name else "")
        assert "\n" not in str(caught.value)


def spoil(pets: Path) -> dict[str, str]:
    """Bad files in a good data set, and what is said of each."""
    (pets / "dog" / "empty.png").write_bytes(b"")
    (pets / "dog" / "text.jpg").write_text("not a picture")
    (pets / "dog" / "notes.txt").write_text("not a picture")
    content = (pets / "dog" / "0.png").read_bytes()
    (pets / "猫" / "截断.png").write_bytes(content[: len(content) // 2])
    return {
        "dog/empty.png": "is empty",
        "dog/text.jpg": "is no picture",
        "dog/notes.txt": "is no picture",
        "猫/截断.png": "is damaged or cut off",
    }


def test_a_bad_file_is_named(pets: Path) -> None:
    bad = spoil(pets)
    while bad:
        with pytest.raises(
            PictureError, match="--skip-bad leaves such files out$"
        ) as c:
            opened(pets)
        name, words = str(c.value).removeprefix(f"{pets}/").split(": ", 1)
        assert words.startswith(bad.pop(name))
        (pets / name).unlink()
    assert len(opened(pets).train) == 44


def test_bad_files_are_left_out_when_asked_and_listed(pets: Path) -> None:
    good = opened(pets)
    bad = spoil(pets)
    picture(pets / "stray.png", 1)
    dataset = opened(pets, skip_bad=True)
    listed = dict(dataset.left_out)
    assert listed.keys() == {*bad, "stray.png"}
    assert listed["stray.png"] == "lies in no class folder"
    for name, words in bad.items():
        assert listed[name].startswith(words)
    names = ("train", "validation", "test")
    assert sum(len(dataset.split(n)) for n in names) == 58
    assert Counter(
        label.item() for n in names for label in dataset.split(n).labels
    ) == (Counter(label.item() for n in names for label in good.split(n).labels))


def test_a_class_that_is_bad_altogether(pets: Path) -> None:
    for path in (pets / "fish 2").iterdir():
        path.write_bytes(b"gone" + path.name.encode())
    with pytest.raises(
        DataError, match="no training picture of the class 'fish 2' can"
    ):
        opened(pets, skip_bad=True)


def test_large_data_sets_are_mapped_to_a_file(pets: Path, tmp_path: Path) -> None:
    spoil(pets)
    cache = tmp_path / "缓存"

    def mapped(**options: object) -> Dataset:
        values = {"shape": None, "skip_bad": True, "progress": silent, **options}
        return load_folder(f"folder:{pets}", cache=cache, large_bytes=1, **values)

    first = mapped()
    (pixels,) = cache.glob("*.pixels")
    made = pixels.stat().st_mtime_ns
    again, plain = mapped(), opened(pets, skip_bad=True)
    assert pixels.stat().st_mtime_ns == made
    assert sorted(p.suffix for p in cache.iterdir()) == [".json", ".pixels"]
    for name in ("train", "validation", "test"):
        for other in (first, again):
            assert torch.equal(other.split(name).images, plain.split(name).images)
            assert other.split(name).files == plain.split(name).files
    assert first.left_out == again.left_out == plain.left_out
    assert first.spec == plain.spec
    with pytest.raises(PictureError, match="is "):
        mapped(skip_bad=False)


def test_decoding_tells_how_far_it_is(pets: Path) -> None:
    heard: list[tuple[str, int, int, str]] = []
    opened(pets, progress=lambda *values: heard.append(values))
    jobs = [job for job, done, total, _ in heard if done == total == 58]
    assert jobs == ["looking through the files", "decoding"]

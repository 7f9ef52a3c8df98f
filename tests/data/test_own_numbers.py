from pathlib import Path

import pytest
import torch

from convatlas.data import load
from convatlas.data.numbers_csv import list_csv
from convatlas.errors import DataError, PictureError
from convatlas.house_number import decode

from .number_pictures import draw


def write(folder: Path, lines: list[str], head: str = "file,number") -> str:
    """A CSV beside its pictures; the name to load it by."""
    folder.mkdir(exist_ok=True)
    path = folder / "list.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return f"numbers:{path}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = tmp_path / "门牌"
    for number in range(100, 130):
        draw(where / "in" / f"{number}.png", str(number))
    return where


def lines(count: int = 30) -> list[str]:
    return [f"in/{number}.png,{number}" for number in range(100, 100 + count)]


def test_a_plain_list_is_cut_for_ever(folder: Path) -> None:
    dataset = load(write(folder, lines()))
    parts = {s: dataset.split(s) for s in ("train", "validation", "test")}
    assert [len(part) for part in parts.values()] == [24, 3, 3]
    for part in parts.values():
        assert [name[3:-4] for name in part.files] == decode(part.labels)
        assert part.boxes is not None and part.boxes.isnan().all()
    assert parts["test"].files == ("in/102.png", "in/109.png", "in/121.png")
    shuffled = load(write(folder, lines()[::-1]))
    assert set(shuffled.test.files) == set(parts["test"].files)
    assert dataset.spec.shape == (3, 128, 256) and min(dataset.spec.std) > 0.1
    assert dataset.labels.digits == 5 and dataset.left_out == ()


def test_the_list_may_say_the_splits_and_boxes(folder: Path) -> None:
    rows = [
        "in/100.png;007;train;8 16 24;6;7 8 9;10",
        "in/101.png;12;VAL;8;6;20;10",
        "in/102.png;3;test;;;;",
    ]
    rows[0] = rows[0].replace(";6;", ";6 6 6;").replace(";10", ";10 10 10")
    name = write(folder, rows, "\ufefffile; number;split;left;top;width;height")
    dataset = load(name)
    assert decode(dataset.train.labels) == ["007"]
    assert dataset.train.boxes is not None and dataset.validation.boxes is not None
    each = dataset.train.boxes[0, :3] * torch.tensor([60, 30, 60, 30])
    assert each.tolist() == [
        pytest.approx(box) for box in ([8, 6, 15, 16], [16, 6, 24, 16], [24, 6, 33, 16])
    ]
    # one box for the whole number is shared out evenly
    shared = dataset.validation.boxes[0, :2] * torch.tensor([60, 30, 60, 30])
    assert shared.tolist() == [
        pytest.approx(box) for box in ([8, 6, 18, 16], [18, 6, 28, 16])
    ]
    assert dataset.test.boxes is not None and dataset.test.boxes.isnan().all()


def test_bad_pictures_stop_or_are_left_out(folder: Path) -> None:
    name = write(folder, lines())
    before = load(name)
    (folder / "in/105.png").unlink()
    (folder / "in/106.png").write_bytes(b"")
    whole = (folder / "in/107.png").read_bytes()
    (folder / "in/107.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PictureError, match=r"105\.png: no such file; --skip-bad lea"):
        load(name)
    dataset = load(name, skip_bad=True)
    assert [file for file, _ in dataset.left_out] == [
        f"in/{n}.png" for n in (105, 106, 107)
    ]
    assert [why for _, why in dataset.left_out][:2] == [
        "no such file",
        "is empty (0 bytes)",
    ]
    assert dataset.left_out[2][1].startswith("is damaged or cut off")
    assert decode(dataset.train.labels) == [
        number
        for number in decode(before.train.labels)
        if number not in ("105", "106", "107")
    ]
    assert dataset.test.files == before.test.files


def test_large_lists_are_kept_in_a_file(folder: Path, tmp_path: Path) -> None:
    from convatlas.data.own_numbers import load_numbers
    from convatlas.progress import silent

    name = write(folder, lines())
    expected = load(name)
    options = dict(shape=None, skip_bad=False, progress=silent, large_bytes=1)
    for _ in range(2):
        mapped = load_numbers(name, cache=tmp_path / "kept", **options)
        assert torch.equal(mapped.train.images, expected.train.images)
        assert mapped.sha256 == expected.sha256
    assert len(list((tmp_path / "kept").glob("*.pixels"))) == 1


def test_another_shape(folder: Path) -> None:
    name = write(folder, lines())
    assert load(name, shape=(3, 64, 128)).train.images.shape == (24, 3, 64, 128)
    with pytest.raises(DataError, match="1 channels: pictures of numbers are RGB"):
        load(name, shape=(1, 64, 128))


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("name,number", ["a.png,1"], "its first line is 'name,number'; wanted are the"),
        ("file,number", [], "lists no pictures"),
        ("file,number", ["in/100.png,1", "in/101.png,2"], "lists 2 pictures; cutting"),
        ("file,number", ["in/100.png,12a"], "line 2: the number '12a'; allowed are"),
        ("file,number", ["in/100.png,"], "line 2: the number ''; allowed are digits"),
        ("file,number", ["in/100.png"], "line 2: the number ''"),
        ("file,number", [",5"], "line 2: names no file"),
        ("file,number", ["a.png,1", "a.png,1"], "line 3: a.png is listed twice"),
        ("file,number,split", ["a.png,1,all"], "line 2: the split 'all'; allowed are"),
        ("file,number,split", ["a.png,1,train"], "the validation split is empty"),
        ("file,number,left", ["a.png,1,3"], "boxes need all four columns left, top"),
        ("file,number,left,top,width,height", ["a.png,123,1 2,1,2,3"], "one a digit"),
        ("file,number,left,top,width,height", ["a.png,1,x,1,2,3"], "number of pixels"),
    ],
)
def test_faults_name_the_line(
    folder: Path, head: str, rows: list[str], words: str
) -> None:
    name = write(folder, rows, head)
    with pytest.raises(DataError) as caught:
        load(name)
    message = str(caught.value)
    assert words in message and "\n" not in message and "list.csv" in message


def test_files_that_are_no_list(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names no file; write numbers:FILE"):
        load("numbers:")
    with pytest.raises(DataError, match=r"none\.csv: cannot be read \(No such file"):
        load(f"numbers:{tmp_path}/none.csv")
    path = tmp_path / "list.csv"
    path.write_bytes("file,number\n门.png,1\n".encode("gb18030"))
    with pytest.raises(DataError, match="is not UTF-8; save it as"):
        load(f"numbers:{path}")


def test_missing_files_are_listed_without_opening_any(folder: Path) -> None:
    path = folder / "list.csv"
    write(folder, [*lines(3), "in/none.png,4"])
    listed = list_csv(path)
    assert listed.missing == ("in/none.png",)
    assert sum(len(part) for part in listed.splits.values()) == 4

import json
import random
from pathlib import Path

import pytest
import torch
from PIL import Image

from convatlas.data import load, mchar
from convatlas.errors import DataError, MissingData, PictureError
from convatlas.house_number import NONE, decode

from .number_pictures import contest, draw, write_json


@pytest.fixture(params=["house-numbers", "."])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder with the contest's layout in it, or in a folder inside."""
    where = tmp_path / "data" / request.param
    contest(where, "mchar_train", {f"{i:06}.png": str(17 + i) for i in range(5)})
    contest(where, "mchar_val", {f"{i:06}.png": str(900 + i) for i in range(4)})
    for i in range(3):
        draw(where / "mchar_test_a" / f"{i:06}.png", "5")
    return where


def data_of(folder: Path) -> Path:
    return folder.parent if folder.name == "house-numbers" else folder


def test_labels_boxes_sizes_and_names(folder: Path) -> None:
    dataset = load("mchar", folder=data_of(folder))
    part = dataset.train
    assert decode(part.labels) == ["17", "18", "19", "20", "21"]
    assert part.labels.shape == (5, 5) and dataset.labels.digits == 5
    assert part.images.shape == (5, 3, 128, 256) and part.images.dtype == torch.uint8
    assert part.files[0] == "mchar_train/000000.png"
    assert part.sizes is not None and part.sizes.tolist() == [[30, 60]] * 5
    entry = json.loads((folder / "mchar_train.json").read_text())["000000.png"]
    expected = [
        entry["left"][0] / 60,
        entry["top"][0] / 30,
        (entry["left"][0] + entry["width"][0]) / 60,
        (entry["top"][0] + entry["height"][0]) / 30,
    ]
    assert part.boxes is not None and part.boxes.dtype == torch.float32
    assert part.boxes[0, 0].tolist() == pytest.approx(expected)
    assert part.boxes[:, 2:].isnan().all() and not part.boxes[:, :2].isnan().any()
    assert not dataset.may_flip and len(dataset.validation) == 4


def test_boxes_lie_on_the_digits_of_the_scaled_picture(folder: Path) -> None:
    part = load("mchar", folder=data_of(folder)).train
    assert part.boxes is not None
    for picture, boxes in zip(part.images, part.boxes, strict=True):
        bright = picture.amin(dim=0) > 200  # the digits are white
        inside = torch.zeros_like(bright)
        for left, top, right, bottom in boxes[:2].tolist():
            rows = slice(int(top * 128) - 4, int(bottom * 128) + 5)
            inside[rows, int(left * 256) - 4 : int(right * 256) + 5] = True
        assert bright.sum() > 200 and bright[inside].sum() == bright.sum()


def test_the_test_split_has_no_labels(folder: Path) -> None:
    part = load("mchar", folder=data_of(folder)).test
    assert len(part) == 3 and not part.labelled
    assert (part.labels == NONE).all()
    assert part.boxes is not None and part.boxes.isnan().all()


def test_labels_are_found_by_name_never_by_order(folder: Path) -> None:
    expected = load("mchar", folder=data_of(folder))
    path = folder / "mchar_train.json"
    entries = list(json.loads(path.read_text()).items())
    random.Random(1).shuffle(entries)
    path.write_text(json.dumps(dict(entries)))
    again = load("mchar", folder=data_of(folder))
    assert torch.equal(again.train.labels, expected.train.labels)
    assert again.train.files == expected.train.files
    assert again.sha256 == expected.sha256
    names = {"7.png": "7", "10.png": "10"}  # names of unequal length
    contest(folder, "mchar_train", names)
    part = load("mchar", folder=data_of(folder)).train
    assert dict(zip(part.files, decode(part.labels), strict=True)) == {
        "mchar_train/7.png": "7",
        "mchar_train/10.png": "10",
    }


def test_missing_pictures_are_counted_and_reported(folder: Path) -> None:
    (folder / "mchar_train" / "000001.png").unlink()
    dataset = load("mchar", folder=data_of(folder))
    assert decode(dataset.train.labels) == ["17", "19", "20", "21"]
    assert dataset.left_out == (
        ("mchar_train/000001.png", "in the list but not there"),
    )
    (folder / "mchar_train" / "000002.png").unlink()
    assert load("mchar", folder=data_of(folder)).left_out == (
        (
            "2 pictures",
            "in the list but not there; the first is mchar_train/000001.png",
        ),
    )
    for path in (folder / "mchar_train").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="holds none of the 5 pictures that mchar_tr"):
        load("mchar", folder=data_of(folder))


def test_long_numbers_are_kept_and_make_more_places(folder: Path) -> None:
    contest(folder, "mchar_train", {"000000.png": "135790", "000001.png": "2"})
    dataset = load("mchar", folder=data_of(folder))
    assert dataset.labels.digits == 6
    assert decode(dataset.train.labels) == ["135790", "2"]
    assert dataset.validation.labels.shape[1] == 6


def test_odd_boxes_are_cut_to_the_picture_or_left_out(folder: Path) -> None:
    entry = {
        "label": [1, 2, 3],
        "left": [-6, 30, 70],
        "top": [0, 5, 5],
        "width": [12, 0, 10],
        "height": [40, 10, 10],
    }
    write_json(folder, "mchar_train", {"000000.png": entry})
    part = load("mchar", folder=data_of(folder)).train
    assert decode(part.labels) == ["123"] and part.boxes is not None
    assert part.boxes[0, 0].tolist() == pytest.approx([0, 0, 0.1, 1])
    assert part.boxes[0, 1:].isnan().all()  # without area; outside


def test_a_digest_of_names_labels_and_contents(folder: Path) -> None:
    def digest() -> str:
        return load("mchar", folder=data_of(folder)).sha256

    first = digest()
    assert digest() == first and len(first) == 64
    path = folder / "mchar_val.json"
    text = path.read_text()
    path.write_text(text.replace('"label": [9, 0, 1]', '"label": [9, 0, 2]'))
    assert digest() != first
    path.write_text(text)
    assert digest() == first
    draw(folder / "mchar_train" / "000000.png", "17", size=(62, 30))
    assert digest() != first


def test_palette_and_grey_pictures_become_rgb(folder: Path) -> None:
    path = folder / "mchar_train" / "000000.png"
    before = load("mchar", folder=data_of(folder)).train.images[0]
    Image.open(path).quantize(256).save(path)
    after = load("mchar", folder=data_of(folder)).train.images[0]
    difference = (before.int() - after.int()).abs().float().mean()
    assert after.shape == (3, 128, 256) and 0 < difference < 6
    Image.open(path).convert("L").save(path)
    grey = load("mchar", folder=data_of(folder)).train.images[0]
    assert torch.equal(grey[0], grey[1]) and torch.equal(grey[0], grey[2])


def test_a_broken_picture_is_named(folder: Path) -> None:
    (folder / "mchar_train" / "000003.png").write_bytes(b"")
    dataset = load("mchar", folder=data_of(folder))
    with pytest.raises(PictureError, match=r"000003\.png: is empty"):
        _ = dataset.train
    assert len(dataset.validation) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "lists no pictures"),
        ('{"000000.png": {"label": [1]}}', "wanted are lists label, left, top, width"),
        ('{"000000.png": [1, 2]}', "wanted are lists label, left"),
        (
            '{"000000.png": {"label": [10], "left": [1], "top": [1], "width": [1], '
            '"height": [1]}}',
            "the label 10; allowed are 0 to 9",
        ),
        (
            '{"000000.png": {"label": [1, 2], "left": [1], "top": [1], "width": [1], '
            '"height": [1]}}',
            "of one length",
        ),
    ],
)
def test_broken_lists(folder: Path, content: str, words: str) -> None:
    (folder / "mchar_train.json").write_text(content)
    with pytest.raises(DataError, match=r"mchar_train\.json: ") as caught:
        load("mchar", folder=data_of(folder))
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_nobody_can_fetch_the_contest_but_the_user(tmp_path: Path) -> None:
    with pytest.raises(MissingData) as caught:
        load("mchar", folder=tmp_path)
    message = str(caught.value)
    assert message.startswith("mchar: mchar_train.json and mchar_val.json are not ther")
    assert "tianchi.aliyun.com" in message and str(tmp_path) in message
    assert "\n" not in message


def test_without_test_pictures_only_that_split_is_missing(folder: Path) -> None:
    for path in (folder / "mchar_test_a").iterdir():
        path.unlink()
    dataset = load("mchar", folder=data_of(folder))
    assert len(dataset.train) == 5
    with pytest.raises(DataError, match="mchar: its test pictures are not there"):
        _ = dataset.test


def test_protocol_p_cuts_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mchar, "HELD_OUT", 3)
    where = tmp_path / "house-numbers"
    contest(where, "mchar_train", {"000000.png": "1", "000001.png": "2"})
    contest(where, "mchar_val", {f"{i:06}.png": str(i + 10) for i in range(8)})
    contest(where, "svhn_test_rest", {"010000.png": "77"})
    dataset = load("protocol-p", folder=tmp_path)
    assert decode(dataset.train.labels) == ["1", "2", "10", "11", "12", "13", "14"]
    assert decode(dataset.validation.labels) == ["15", "16", "17"]
    assert decode(dataset.test.labels) == ["77"] and dataset.test.labelled
    assert dataset.sha256 == load("protocol-p", folder=tmp_path).sha256
    # a picture that is missing moves no other to another split
    (where / "mchar_val" / "000006.png").unlink()
    dataset = load("protocol-p", folder=tmp_path)
    assert decode(dataset.validation.labels) == ["15", "17"]
    assert len(dataset.train) == 7


@pytest.mark.slow
def test_the_real_files_fit_the_catalogue(real_data: Path) -> None:
    from convatlas.data.catalogue import find
    from convatlas.data.statistics import channel_statistics

    entry = find("protocol-p")
    if not entry.present(real_data):
        pytest.skip("no house numbers in the data folder")
    dataset = load("protocol-p", folder=real_data)
    mean, std = channel_statistics(dataset.train.images)
    assert mean == pytest.approx(dataset.spec.mean, abs=1e-4)
    assert std == pytest.approx(dataset.spec.std, abs=1e-4)
    assert (len(dataset.train), len(dataset.validation)) == (9_256, 957)
    assert len(dataset.test) == 1_529 and dataset.labels.digits == 5
    names = [set(dataset.split(s).files) for s in ("train", "validation", "test")]
    assert not names[0] & names[1] and not names[0] & names[2]

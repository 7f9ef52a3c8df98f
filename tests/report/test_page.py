"""The page is complete in itself and says what was found; folders appear whole."""

import errno
import re
import resource
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from convatlas import data
from convatlas.errors import UsageError
from convatlas.report.drawn import data_uri
from convatlas.report.folder import write_folder
from convatlas.report.page import page
from convatlas.runs import Run
from convatlas.verbs.explain import Explained, Options, explain
from convatlas.verbs.explain.section import Scale, Section, Shown, Text, Tile


@pytest.fixture(scope="module")
def explained(trained_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Explained:
    folder = tmp_path_factory.mktemp("pictures")
    for index in (3, 8):
        pixels = data.load("digits-5k").test.images[index, 0].numpy()
        Image.fromarray(pixels).save(folder / f"<b>{index}.png")
    options = Options(("features.conv1", "head.fc1"), channels=4)
    return explain(trained_run, [folder], options=options)


class Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href"):
                self.addresses.append(value or "")
            if name == "id":
                assert value not in self.anchors
                self.anchors.add(value or "")
            assert not name.startswith("on")
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_asks_nobody_and_has_no_script(
    explained: Explained, language: str
) -> None:
    text = page(explained, language)  # type: ignore[arg-type]
    reading = Reading()
    reading.feed(text)
    assert not reading.open and "script" not in reading.tags
    links = [a for a in reading.addresses if a.startswith("#")]
    assert {a[1:] for a in links} <= reading.anchors and len(links) == 3
    others = [a for a in reading.addresses if not a.startswith("#")]
    assert others and all(a.startswith("data:image/png;base64,") for a in others)
    assert not re.search(r"https?:|url\((?!data:image/png;base64,)|@import", text)
    assert "&lt;b&gt;3.png" in text and "<b>3.png" not in text
    assert ("Feature maps" in text) == (language == "en")
    assert ("特征图" in text) == (language == "zh")


def test_legends_and_numbers_are_there(explained: Explained) -> None:
    text = page(explained)
    (one, _) = explained.pictures
    best = one.answers[0]
    assert f"{100 * best.probability:.1f} %" in text
    values = next(s for s in one.sections if s.name == "values").figures["values"]
    for value in values:
        assert value["formula"]["en"] in text.replace("&#39;", "'")
    assert text.count('class="legend"') == 2 * 2 + 1


def test_pixels_arrive_as_they_are() -> None:
    import base64
    from io import BytesIO

    from convatlas.plots.colours import coloured

    random = np.random.default_rng(0)
    values = random.normal(size=(28, 20))
    address = data_uri([Tile(values), Tile(values * 2)], Scale("diverging", -2, 2))
    content = base64.b64decode(address.partition(",")[2])
    with Image.open(BytesIO(content)) as image:
        shown = np.asarray(image.convert("RGB"))
    assert (shown[:, :20] == coloured(values, "diverging", -2, 2)).all()
    assert (shown[:, 20:] == coloured(values * 2, "diverging", -2, 2)).all()
    large = np.arange(192 * 200.0).reshape(192, 200)
    small = data_uri([Tile(large)], Scale("grey", 0, large.max()))
    with Image.open(BytesIO(base64.b64decode(small.partition(",")[2]))) as image:
        assert image.size == (50, 48)


def test_drawings_of_other_sections_are_shown(explained: Explained) -> None:
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    own = Section(
        "embedding",
        Text("Map of the data", "数据图"),
        shown=(Shown("pca", Text("PCA", "PCA"), figure=figure),),
    )
    more = replace(explained, sections=(*explained.sections, own))
    text = page(more)
    assert "Map of the data" in text and "<svg" in text and "<?xml" not in text


@pytest.mark.parametrize("format", ["png", "svg"])
def test_a_folder_has_the_page_and_every_sheet(
    explained: Explained, tmp_path: Path, format: str
) -> None:
    told: list[tuple[int, int]] = []
    folder = tmp_path / "deep" / "out"
    written = write_folder(
        explained,
        folder,
        format=format,  # type: ignore[arg-type]
        progress=lambda what, done, total, unit: told.append((done, total)),
    )
    assert written == folder / "index.html" and written.is_file()
    pictures = sorted(folder.rglob(f"*.{format}"))
    assert len(pictures) == 2 * (2 + 2) + 1 and told[-1] == (9, 9)
    for path in pictures:
        if format == "png":
            with Image.open(path) as image:
                assert image.width > 300
        else:
            assert path.read_text().count("<svg") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["deep"]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]


def test_other_files_of_a_folder_stay(explained: Explained, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "index.html").write_text("old")
    write_folder(explained, tmp_path, format=None)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert "Feature maps" in (tmp_path / "index.html").read_text()


def test_what_breaks_on_the_way_leaves_nothing(
    explained: Explained, tmp_path: Path
) -> None:
    def stop(what: str, done: int, total: int, unit: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(explained, tmp_path / "out", progress=stop)
    assert list(tmp_path.iterdir()) == []
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(UsageError, match="file: is a file; name a folder"):
        write_folder(explained, file)
    with pytest.raises(UsageError, match="out: lies in a file; name a folder"):
        write_folder(explained, file / "out")


def test_a_full_disk_is_told_of_the_folder(
    explained: Explained, tmp_path: Path
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(UsageError) as fault:
            write_folder(explained, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(fault.value) == f"{tmp_path}/out: cannot be written: File too large"
    assert list(tmp_path.iterdir()) == []


def test_folders_above_that_were_made_for_nothing_are_gone(
    explained: Explained, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()

    def full(what: str, done: int, total: int, unit: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UsageError, match="out: cannot be written: No space left"):
        write_folder(explained, tmp_path / "mine" / "new" / "out", progress=full)
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_that_is_there_needs_nothing_beside_it(
    explained: Explained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a disk of its own, or the only place where one may write."""
    disk = tmp_path / "disk"
    disk.mkdir()
    replace_file = Path.replace

    def on_one_disk(self: Path, target: Path) -> Path:
        if self.is_relative_to(disk) != target.is_relative_to(disk):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", on_one_disk)
    write_folder(explained, disk, format=None)
    assert [path.name for path in disk.iterdir()] == ["index.html"]

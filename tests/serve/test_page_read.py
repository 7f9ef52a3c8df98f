"""Read, in a real browser with the reader of the package."""

import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

SECONDS = 30_000  # ms
SAMPLES = Path(__file__).parents[2] / "src/convatlas/serve/page/samples"
DOORS = ["52", "105", "47", "1048", "3"]  # on the samples; the sixth is blurred


def opened(visit, state: str = "", **options) -> Page:
    """The view, with its samples and nothing else."""
    page = visit(f"#/read?{state}", kept=True, **options)
    clear = page.get_by_role("button", name="Clear")
    if clear.is_visible():  # photos are kept while other views are looked at
        clear.click()
    expect(page.locator(".read-empty")).to_be_visible()
    expect(page.locator(".read-sample")).to_have_count(6)
    return page


def number(page: Page):
    return page.locator(".read-number")


def photos(page: Page):
    return page.locator(".read-zone input[accept]")


def as_file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_a_sample_is_read_and_its_box_drawn(visit) -> None:
    page = opened(visit)
    expect(page.locator(".read-empty")).to_be_visible()
    page.locator(".read-sample").first.click()
    expect(number(page)).to_have_text("52", timeout=SECONDS)
    expect(page.locator(".read-digits li")).to_have_count(2)
    frame = page.locator(".read-frame").bounding_box()
    box = page.locator(".read-box").bounding_box()
    assert frame is not None and box is not None
    middle = (box["x"] + box["width"] / 2 - frame["x"]) / frame["width"]
    assert 0.6 < middle < 0.8  # the plate is on the right of this photo
    assert page.locator(".read-frame img").evaluate("i => i.naturalWidth") == 241


def test_what_is_not_sure_enough_is_refused(visit) -> None:
    page = opened(visit)
    page.locator(".read-sample").nth(5).click()
    expect(number(page)).to_have_text("refused", timeout=SECONDS)
    expect(page.locator(".read-bar p")).to_have_text(
        "Photos: 1, read 0, refused 1, failed 0"
    )
    page.locator(".read-least input").press("Home")
    expect(number(page)).to_have_text(re.compile(r"^\d+$"))  # a guess
    assert "min=0" in page.url
    page.locator(".read-least input").press("End")
    expect(number(page)).to_have_text("refused")


def test_many_photos_their_table_and_csv(visit) -> None:
    page = opened(visit, expected=["415"])
    broken = as_file("broken.jpg", b"no picture at all")
    doors = [as_file(p.name, p.read_bytes()) for p in sorted(SAMPLES.iterdir())[:5]]
    photos(page).set_input_files([*doors, broken])
    expect(page.locator(".read-bar p")).to_have_text(
        "Photos: 6, read 5, refused 0, failed 1", timeout=SECONDS
    )
    expect(page.locator("progress")).to_be_hidden()
    rows = page.locator(".read-table tbody tr")
    said = [row.locator("td").nth(1).inner_text() for row in rows.all()]
    assert said == [*DOORS, "not read"]
    rows.nth(5).locator("button").click()
    expect(page.locator(".read-card .notice")).not_to_be_empty()
    rows.nth(1).locator("button").click()
    expect(number(page)).to_have_text("105")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    lines = list(csv.DictReader(saved.value.path().read_text().splitlines()))
    assert [line["number"] for line in lines] == DOORS
    assert [line["file"] for line in lines] == [f"door-{n}.jpg" for n in range(1, 6)]
    assert all(int(line["right"]) > int(line["left"]) for line in lines)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".read-empty")).to_be_visible()


def test_a_folder(visit, tmp_path: Path) -> None:
    inner = tmp_path / "street" / "left"
    inner.mkdir(parents=True)
    (inner / "a.jpg").write_bytes((SAMPLES / "door-1.jpg").read_bytes())
    (tmp_path / "street" / "notes.txt").write_text("no picture")
    page = opened(visit)
    page.locator(".read-zone input[webkitdirectory]").set_input_files(
        tmp_path / "street"
    )
    expect(number(page)).to_have_text("52", timeout=SECONDS)
    expect(page.locator(".read-name")).to_have_text("street/left/a.jpg")
    expect(page.locator(".notice").first).to_contain_text("1 files were left out")


DROP = """async ([element, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "own.jpg",
        { type: "image/jpeg" }));
    element.dispatchEvent(new DragEvent("drop",
        { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
PASTE = """async (bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "own.jpg",
        { type: "image/jpeg" }));
    document.dispatchEvent(new ClipboardEvent("paste",
        { clipboardData: transfer, bubbles: true }));
}"""


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photo_dropped_or_pasted(visit, way: str) -> None:
    page = opened(visit)
    content = list((SAMPLES / "door-3.jpg").read_bytes())
    if way == "drop":
        zone = page.locator(".read-zone").element_handle()
        page.evaluate(DROP, [zone, content])
    else:
        page.evaluate(PASTE, content)
    expect(number(page)).to_have_text("47", timeout=SECONDS)


def test_a_turned_photo_has_its_box_on_the_upright_one(visit) -> None:
    photo = Image.open(SAMPLES / "door-1.jpg").rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=exif)
    page = opened(visit)
    photos(page).set_input_files([as_file("turned.jpg", file.getvalue())])
    expect(number(page)).to_have_text("52", timeout=SECONDS)
    frame = page.locator(".read-frame").bounding_box()
    assert frame is not None and frame["width"] > 2 * frame["height"]


def test_a_busy_server_is_asked_again(visit) -> None:
    page = opened(visit, expected=["503"])
    asked = []

    def answer(route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.fallback()
            return
        told = {"error": {"code": "busy", "message": "busy"}}
        route.fulfill(status=503, json=told, headers={"Retry-After": "1"})

    page.route("**/v1/read*", answer)
    page.locator(".read-sample").first.click()
    expect(number(page)).to_have_text("52", timeout=SECONDS)
    assert len(asked) == 2


def test_both_languages_and_themes_at_all_widths(visit, looks) -> None:
    page = opened(visit)
    for sample in page.locator(".read-sample").all()[:2]:
        sample.click()
    expect(number(page)).to_have_text("105", timeout=SECONDS)
    for _, _, width in looks(page):
        expect(page.locator(".read-table tbody tr")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

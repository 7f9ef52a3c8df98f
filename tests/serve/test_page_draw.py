"""Draw, in a real browser on a real server."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

SECONDS = 30_000  # ms: the first look of a server takes PyTorch out of its box
THREE = [
    *((85, 75), (110, 50), (150, 48), (180, 65), (185, 95), (160, 122), (125, 132)),
    *((160, 140), (190, 165), (190, 200), (165, 228), (125, 232), (85, 212)),
]
DIGIT = Path(__file__).parent / "data" / "digit.png"


def draw(page: Page, points: list[tuple[int, int]]) -> None:
    """One stroke of the mouse on the sheet of 280 × 280."""
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    scale = box["width"] / 280
    places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


def here(page: Page) -> str:
    """The hash of its address; playwright hears of a change later."""
    return page.evaluate("location.hash")


def opened(visit, **options) -> Page:
    """The view with an empty sheet, loaded by an earlier test."""
    page = visit("#/draw?ink=", kept=True, **options)
    expect(page.locator(".sheet-hint")).to_be_visible()
    return page


def answer(page: Page) -> Locator:
    return page.locator(".answer-best")


def maps_of(page: Page, key: str) -> str:
    """The pixels of a column of the ribbon."""
    canvas = page.locator(f'[data-key="{key}"] canvas')
    return canvas.evaluate("canvas => canvas.toDataURL()")


def test_a_three_drawn_with_the_mouse_is_a_three(visit) -> None:
    page = visit("#/draw")
    expect(page.locator(".sheet-hint")).to_be_visible()
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    empty = maps_of(page, "features.conv1")
    draw(page, THREE)
    expect(answer(page)).to_have_text("3", timeout=SECONDS)
    expect(page.locator(".bar")).to_have_count(10)
    expect(page.locator(".bar.best")).to_contain_text("3")
    expect(page.locator(".timing")).to_contain_text("ms from stroke to picture")
    assert maps_of(page, "features.conv1") != empty
    seen = page.locator(".seen-picture").evaluate("c => [c.width, c.height]")
    assert seen == [28, 28]


def test_the_answer_moves_while_the_pen_is_down(visit) -> None:
    page = opened(visit)
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    box = page.locator("canvas.ink").bounding_box()
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=12)
    expect(answer(page)).to_have_text("1", timeout=SECONDS)
    page.mouse.up()


def test_undo_and_clear(visit) -> None:
    page = opened(visit)
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    draw(page, THREE)
    expect(answer(page)).to_have_text("3", timeout=SECONDS)
    draw(page, [(40, 40), (40, 240)])
    with_two = here(page)
    page.get_by_role("button", name="Take back the last stroke").click()
    expect(answer(page)).to_have_text("3")
    assert len(here(page)) < len(with_two)
    page.get_by_role("button", name="Clear the sheet").click()
    expect(answer(page)).to_have_text("–")
    expect(page.locator(".sheet-hint")).to_be_visible()
    assert "ink=" not in here(page)


def test_the_link_restores_the_drawing(visit) -> None:
    page = opened(visit)
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    draw(page, THREE)
    expect(answer(page)).to_have_text("3", timeout=SECONDS)
    other = visit(here(page))
    expect(answer(other)).to_have_text("3", timeout=SECONDS)
    ink = "c => c.getContext('2d').getImageData(185, 95, 1, 1).data[3]"
    assert other.locator("canvas.ink").evaluate(ink) == 255


def test_a_sample_and_an_uploaded_picture(visit) -> None:
    page = opened(visit)
    sample = page.locator(".sample").nth(3)
    expect(sample).to_have_attribute("aria-label", re.compile("Sample of a"))
    label = sample.get_attribute("aria-label")[-1]
    sample.click()
    expect(answer(page)).to_have_text(label, timeout=SECONDS)
    assert "sample=digits-5k" in here(page)
    with page.expect_response(lambda r: r.url.split("?")[0].endswith("/v1/explain")):
        page.locator('input[type="file"]').set_input_files(DIGIT)
    expect(page.locator(".sheet-picture")).to_be_visible()
    assert "sample=" not in here(page)


def test_a_picture_without_a_digit_is_told_in_place(visit) -> None:
    """The refusal stands below the network's name, and says what to do."""
    page = opened(visit, expected=["422", "400"])
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    file = io.BytesIO()
    Image.new("L", (64, 64), 128).save(file, "png")
    page.locator('input[type="file"]').set_input_files(
        {"name": "grey.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    expect(page.locator(".draw-network .notice")).not_to_be_empty(timeout=SECONDS)


def test_a_bar_lights_up_what_speaks_for_its_class(visit) -> None:
    page = opened(visit)
    page.locator(".sample").nth(3).click()
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    heat = page.locator(".seen-heat")
    expect(heat).to_be_hidden()
    page.locator(".bar").nth(5).focus()
    expect(heat).to_be_visible(timeout=SECONDS)
    page.locator("#theme").focus()
    expect(heat).to_be_hidden()


def test_a_pixel_outlines_what_it_depends_on(visit) -> None:
    page = opened(visit)
    page.locator(".sample").nth(3).click()
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    before = maps_of(page, "features.conv1")
    page.locator('[data-key="features.conv2"] canvas').hover(
        position={"x": 12, "y": 12}
    )
    expect(page.locator(".pointing")).to_contain_text("channel 0")
    expect(page.locator(".draw-seen .ribbon-marker")).to_be_visible(timeout=SECONDS)
    assert maps_of(page, "features.conv1") != before


def test_dropped_and_pasted_pictures(visit) -> None:
    page = opened(visit)
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    picture = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(picture).line((50, 15, 50, 85), fill=0, width=9)
    file = io.BytesIO()
    picture.save(file, "png")
    given = f"""kind => {{
        const bytes = new Uint8Array({list(file.getvalue())});
        const data = new DataTransfer();
        data.items.add(new File([bytes], "one.png", {{ type: "image/png" }}));
        const options = {{ bubbles: true, cancelable: true }};
        const event = kind === "drop"
            ? new DragEvent("drop", {{ ...options, dataTransfer: data }})
            : new ClipboardEvent("paste", {{ ...options, clipboardData: data }});
        document.querySelector(".draw").dispatchEvent(event);
    }}"""
    for kind in ("drop", "paste"):
        page.evaluate(given, kind)
        expect(answer(page)).to_have_text("1", timeout=SECONDS)
        page.get_by_role("button", name="Clear the sheet").click()
        expect(answer(page)).to_have_text("–")

"""Draw with a camera, a finger and a pen, in a real browser on a real server."""

import os
import shutil
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

SECONDS = 30_000  # ms
THREE = [
    *((85, 75), (110, 50), (150, 48), (180, 65), (185, 95), (160, 122), (125, 132)),
    *((160, 140), (190, 165), (190, 200), (165, 228), (125, 232), (85, 212)),
]
Place = tuple[float, float]


@pytest.fixture(scope="module")
def with_camera(chromium: Browser) -> Iterator[Browser]:
    """A browser with a camera that films a test picture."""
    started = chromium.browser_type.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream",
        ],
    )
    yield started
    started.close()


def filmed(browser: Browser, address: str, *permissions: str, **options) -> Page:
    context = browser.new_context(**options)
    context.grant_permissions(permissions)
    page = context.new_page()
    page.goto(address + "#/draw")
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    return page


def test_a_photo_is_taken_and_looked_at(with_camera: Browser, site) -> None:
    page = filmed(with_camera, site.address, "camera", locale="en-GB")
    button = page.get_by_role("button", name="Take a photo")
    button.click()
    video = page.locator("dialog.camera video")
    expect(video).to_be_visible()
    stream = video.evaluate_handle("video => video.srcObject")
    with page.expect_response(lambda r: r.url.split("?")[0].endswith("/v1/explain")):
        expect(video).to_have_js_property("readyState", 4)
        page.get_by_role("button", name="Take it").click()
    expect(page.locator(".sheet-picture")).to_be_visible()
    size = "image => [image.naturalWidth, image.naturalHeight]"
    assert page.locator(".sheet-picture").evaluate(size) == [640, 480]
    expect(page.locator("dialog")).to_have_count(0)
    assert not stream.evaluate("stream => stream.active")  # its lamp is off
    button.click()
    expect(page.locator("dialog.camera")).to_be_visible()
    page.evaluate("location.hash = '#/arithmetic'")
    expect(page.locator("dialog")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize(
    ("locale", "name", "said"),
    [("en-GB", "Take a photo", "Allow it for this page"), ("zh-CN", "拍照", "未获准")],
)
def test_a_refused_camera_is_told_in_place(
    with_camera: Browser, site, locale: str, name: str, said: str
) -> None:
    page = filmed(with_camera, site.address, locale=locale)
    button = page.get_by_role("button", name=name)
    button.click()
    expect(page.locator(".draw-network .notice")).to_contain_text(said)
    expect(button).to_be_enabled()
    expect(page.locator("dialog")).to_have_count(0)
    page.context.close()


def test_where_there_is_no_camera_there_is_no_button(visit) -> None:
    page = visit("#/draw?ink=", kept=True)
    cameras = page.evaluate(
        """() => navigator.mediaDevices.enumerateDevices().then((all) =>
            all.filter((one) => one.kind === "videoinput").length)"""
    )
    button = page.locator('.draw-input button[aria-label="Take a photo"]')
    expect(button).to_be_visible(visible=cameras > 0)


@pytest.fixture
def telephone(chromium: Browser, site) -> Iterator[tuple[Page, CDPSession, Place]]:
    """Draw on a small touch screen; where its sheet begins."""
    context: BrowserContext = chromium.new_context(
        locale="en-GB",
        has_touch=True,
        is_mobile=True,
        viewport={"width": 390, "height": 600},
    )
    page = context.new_page()
    page.goto(site.address + "#/draw")
    expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    yield page, context.new_cdp_session(page), (box["x"], box["y"])
    context.close()


def touch(device: CDPSession, kind: str, *places: Place) -> None:
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
    device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_draws_and_the_page_stays(telephone) -> None:
    page, device, (left, top) = telephone
    places = [(left + x, top + y) for x, y in THREE]
    touch(device, "touchStart", places[0])
    for place in places[1:]:
        touch(device, "touchMove", place)
    touch(device, "touchEnd")
    assert page.evaluate("scrollY") == 0
    expect(page.locator(".answer-best")).to_have_text("3", timeout=SECONDS)
    expect(page.locator(".bar.best .bar-number")).to_contain_text("%")


def test_a_finger_beside_the_sheet_moves_the_page(telephone) -> None:
    page, device, _ = telephone
    touch(device, "touchStart", (195, 560))
    for y in range(540, 200, -20):
        touch(device, "touchMove", (195, y))
    touch(device, "touchEnd")
    expect(page.locator(".answer-best")).to_have_text("–")
    assert page.evaluate("scrollY") > 100


def test_a_palm_beside_the_finger_draws_nothing(telephone) -> None:
    page, device, (left, top) = telephone
    finger, palm = (left + 140, top + 40), (left + 250, top + 250)
    touch(device, "touchStart", finger)
    touch(device, "touchStart", finger, palm)
    for y in range(60, 240, 20):
        touch(device, "touchMove", (left + 140, top + y), palm)
    touch(device, "touchEnd")
    expect(page.locator(".answer-best")).to_have_text("1", timeout=SECONDS)
    assert thickness(page, 250, 250) == 0


def test_a_pen_draws_wider_the_harder_it_is_pressed(telephone) -> None:
    page, device, (left, top) = telephone
    for x, force in ((80, 0.1), (200, 0.9)):
        pen = {"button": "left", "clickCount": 1, "pointerType": "pen", "force": force}
        for y in range(40, 240, 20):
            kind = "mousePressed" if y == 40 else "mouseMoved"
            place = {"x": left + x, "y": top + y, "buttons": 1}
            device.send("Input.dispatchMouseEvent", {"type": kind, **place, **pen})
        place = {"x": left + x, "y": top + 220, "buttons": 0}
        device.send(
            "Input.dispatchMouseEvent", {"type": "mouseReleased", **place, **pen}
        )
    light, heavy = thickness(page, 80, 140), thickness(page, 200, 140)
    assert 12 <= light <= 16
    assert 30 <= heavy <= 34


def thickness(page: Page, x: int, y: int) -> float:
    """From left to right, of the stroke around a place of the sheet, in its pixels."""
    return page.locator("canvas.ink").evaluate(
        """(canvas, [x, y]) => {
            const scale = canvas.width / 280;
            const context = canvas.getContext("2d");
            const part = context.getImageData(
                (x - 28) * scale, y * scale, 56 * scale, 1);
            return part.data.filter((v, i) => i % 4 === 3 && v > 127).length / scale;
        }""",
        [x, y],
    )

"""Look inside, in a real browser on a real server."""

import re

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

SECONDS = 30_000  # ms
SAMPLE = "sample=digits-5k/0/3"


@pytest.fixture
def inside(visit) -> Page:
    page = visit(f"#/inside?{SAMPLE}", kept=True)
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    return page


def test_a_click_on_a_map_shows_how_the_value_was_computed(inside) -> None:
    inside.locator('[data-key="features.conv2"] canvas').click(
        position={"x": 12, "y": 12}
    )
    steps = inside.locator(".value-formula")
    expect(steps).to_have_count(2, timeout=SECONDS)  # the convolution, then tanh
    expect(steps.nth(0)).to_have_text(re.compile("= Σ 150 products [+−] bias"))
    expect(steps.nth(1)).to_contain_text("tanh(")
    assert inside.locator(".value-grid").first.locator("span").count() == 25
    expect(inside.locator(".kernels canvas")).to_have_count(6, timeout=SECONDS)
    rows = inside.locator(".sum-row")
    expect(rows).to_have_count(8)  # six channels, the bias, the value
    numbers = [number(row) for row in rows.locator(":scope > :last-child").all()]
    assert sum(numbers[:7]) == pytest.approx(numbers[7], abs=0.01)


def test_formulas_are_in_the_language_of_the_page(visit) -> None:
    unit = "layer=features.conv2&unit=2,5,5"
    page = visit(f"#/inside?{SAMPLE}&{unit}", language="zh", kept=True)
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    formula = page.locator(".value-formula")
    written = re.compile("= Σ 150 个乘积 [+−] 偏置")
    expect(formula).to_have_text(written, timeout=SECONDS)


def here(page: Page) -> str:
    """The hash of its address; playwright hears of a change later."""
    return page.evaluate("location.hash")


def number(cell) -> float:
    return float(cell.inner_text().replace("−", "-"))


def test_another_channel_of_the_sum_is_written_out(inside) -> None:
    inside.locator('[data-key="features.conv2"] canvas').click(
        position={"x": 12, "y": 12}
    )
    caption = inside.locator(".equation figcaption")
    expect(caption.first).to_contain_text("patch of channel 0", timeout=SECONDS)
    inside.locator(".sum-row").nth(4).click()
    expect(caption.first).to_contain_text("patch of channel 4")


def test_the_link_restores_the_unit(inside, visit) -> None:
    inside.locator('[data-key="features.pool1"] canvas').click(
        position={"x": 10, "y": 10}
    )
    expect(inside.locator(".value-formula")).to_have_count(1, timeout=SECONDS)
    told = inside.locator(".value-formula").inner_text()
    assert "layer=features.pool1" in here(inside)
    other = visit(here(inside))
    expect(other.locator(".value-formula")).to_have_text(told, timeout=SECONDS)
    expect(other.locator(".inside-input .ribbon-marker")).to_be_visible(timeout=SECONDS)


def test_the_keyboard_walks_through_layers_and_maps(inside) -> None:
    inside.locator('.ribbon-head[tabindex="0"]').focus()
    focused = "() => document.activeElement.closest('.ribbon-node').dataset.key"
    assert inside.evaluate(focused) == "features.conv1"
    for _ in range(2):
        inside.keyboard.press("ArrowRight")
    assert inside.evaluate(focused) == "features.conv2"
    for _ in range(3):
        inside.keyboard.press("ArrowDown")
    expect(inside.locator("#announcer")).to_contain_text("Channel 2 of 16")
    inside.keyboard.press("Enter")
    expect(inside.locator(".drawer")).to_be_visible()
    assert "unit=2" in here(inside)
    inside.locator(".drawer-map canvas").focus()
    before = here(inside)
    inside.keyboard.press("ArrowRight")
    expect(inside.locator(".drawer-map canvas")).to_be_focused()
    assert here(inside) != before
    inside.keyboard.press("Escape")
    expect(inside.locator(".drawer")).to_be_hidden()
    assert inside.evaluate(focused) == "features.conv2"


def test_the_kernel_slides(inside) -> None:
    inside.locator('[data-key="features.conv1"] canvas').click(
        position={"x": 12, "y": 12}
    )
    place = inside.locator(".drawer-parts .quiet.small").first
    before = place.inner_text()
    inside.get_by_role("button", name="Slide").click()
    expect(place).not_to_have_text(before)
    inside.get_by_role("button", name="Pause").click()
    expect(inside.get_by_role("button", name="Slide")).to_be_visible()


def test_nothing_slides_where_motion_is_unwanted(visit) -> None:
    page = visit(
        f"#/inside?{SAMPLE}&layer=features.act1&unit=0,9,9", kept=True, motion="reduce"
    )
    expect(page.locator(".value-formula")).to_have_count(2, timeout=SECONDS)
    expect(page.locator(".drawer")).to_be_visible()
    expect(page.get_by_role("button", name="Slide")).to_be_hidden()


def test_heat_maps_by_method_and_strength(inside) -> None:
    heat = inside.locator(".seen-heat")
    expect(heat).to_be_hidden()
    inside.get_by_label("What speaks for the answer").select_option("occlusion")
    expect(heat).to_be_visible(timeout=SECONDS)
    before = heat.evaluate("canvas => canvas.toDataURL()")
    inside.locator(".inside-input select").nth(1).select_option("8")
    expect(inside.locator(".inside-input")).to_contain_text("class 8", timeout=SECONDS)
    assert heat.evaluate("canvas => canvas.toDataURL()") != before
    inside.get_by_label("How strongly it is laid over").fill("0.25")
    assert heat.evaluate("canvas => canvas.style.opacity") == "0.25"
    for part in ("heat=occlusion", "target=8", "opacity=0.25"):
        assert part in here(inside)


def test_every_step_and_one_scale(inside) -> None:
    expect(inside.locator(".ribbon-node")).to_have_count(8)
    inside.get_by_role("switch", name="Every step").check()
    expect(inside.locator(".ribbon-node")).to_have_count(13)
    canvas = inside.locator('[data-key="features.conv1"] canvas')
    own = canvas.evaluate("canvas => canvas.toDataURL()")
    inside.get_by_role("switch", name="One scale for a layer").check()
    assert canvas.evaluate("canvas => canvas.toDataURL()") != own
    for part in ("steps=1", "scale=common"):
        assert part in here(inside)


def test_a_map_is_saved_as_svg_and_png(inside) -> None:
    inside.locator('[data-key="features.conv1"] canvas').click(
        position={"x": 12, "y": 12}
    )
    expect(inside.locator(".drawer-map canvas")).to_have_js_property("width", 28)
    for kind, start in (("SVG", b"<svg xmlns"), ("PNG", b"\x89PNG")):
        with inside.expect_download() as waiting:
            inside.get_by_role("button", name=kind).click()
        assert waiting.value.suggested_filename.endswith(kind.lower())
        with open(waiting.value.path(), "rb") as file:
            assert file.read().startswith(start)


def test_a_network_of_the_atlas_with_branches(visit) -> None:
    """Four branches side by side, which join; a stage opens and folds."""
    page = visit(f"#/inside?run=network:googlenet-mini&{SAMPLE}", kept=True)
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    expect(page.locator(".inside")).to_contain_text("Nobody trained it")
    nodes = page.locator(".ribbon-node")
    many = nodes.count()
    lefts = nodes.evaluate_all(
        "nodes => nodes.map((node) => node.offsetLeft + node.offsetWidth / 2)"
    )
    assert max(lefts.count(x) for x in lefts) == 4
    page.get_by_title("Fold features.inception1").click()
    expect(page.locator(".ribbon-open")).to_have_count(1)
    assert nodes.count() < many
    assert "shut=features.inception1" in here(page)
    page.locator(".ribbon-open").click()
    expect(nodes).to_have_count(many)


@pytest.mark.slow
def test_densenet_stays_readable(visit) -> None:
    page = visit("#/inside?run=network:densenet121")
    nodes = page.locator(".ribbon-node")
    expect(nodes.nth(10)).to_be_attached(timeout=SECONDS)
    assert nodes.count() <= 26  # of 427 layers
    page.locator(".sample").first.click()
    expect(page.locator(".bar.best")).to_be_enabled(timeout=60_000)

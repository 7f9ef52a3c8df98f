"""Atlas, in a real browser."""

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

SECONDS = 30_000  # ms: the first layers of a server take PyTorch out of its box


@pytest.fixture(scope="module")
def networks(site) -> list[dict]:
    return site.http.get("v1/networks").json()["networks"]


def opened(visit, state: str = "", **options) -> Page:
    page = visit(f"#/atlas?{state}", kept=True, **options)
    expect(page.locator("#view h1")).to_be_visible(timeout=SECONDS)
    return page


def dot(page: Page, name: str):
    return page.locator(f'.tree-network[href="#/atlas?network={name}"]')


def places(page: Page) -> dict[str, tuple[float, float]]:
    """Middles of all dots."""
    return page.locator(".tree-network").evaluate_all(
        """dots => Object.fromEntries(dots.map((dot) => [
            dot.getAttribute("href").split("=")[1],
            ["cx", "cy"].map((c) => +dot.querySelector("circle").getAttribute(c))]))"""
    )


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the names stand."""
    return page.locator(".tree-label").evaluate_all(
        """labels => labels.map((label) => label.getBoundingClientRect())
            .map(({ x, y, width, height }) => ({ x, y, width, height }))"""
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_every_network_stands_at_its_year(visit, networks, width: int) -> None:
    page = opened(visit, width=width)
    expect(page.locator(".tree-network")).to_have_count(len(networks))
    along = 0 if width > 800 else 1
    years = {one["name"]: one["year"] for one in networks}
    place = places(page)
    assert place.keys() == years.keys()
    for one in networks:
        for parent in one["parents"]:
            if years[parent] < one["year"]:
                assert place[parent][along] < place[one["name"]][along]
    kin = sum(len(one["parents"]) for one in networks)
    expect(page.locator(".tree-edge")).to_have_count(kin)
    found = boxes(page)
    assert not any(overlap(a, b) for i, a in enumerate(found) for b in found[:i])
    assert all(box["x"] + box["width"] <= width for box in found)


def overlap(a: dict, b: dict) -> bool:
    """Whether two names cover one another by more than a hair."""
    apart = 3
    return all(
        a[side] + a[length] - apart > b[side] and b[side] + b[length] - apart > a[side]
        for side, length in (("x", "width"), ("y", "height"))
    )


def test_a_network_tells_its_descent(visit) -> None:
    page = opened(visit)
    dot(page, "resnet18").hover()
    about = page.locator(".tree-about")
    expect(about).to_contain_text("Deep Residual Learning")
    expect(about).to_contain_text("11.7 M parameters")
    for name in ("vgg19", "alexnet", "lenet5", "densenet121"):
        assert "descent" in (dot(page, name).get_attribute("class") or "")
    assert "descent" not in (dot(page, "googlenet").get_attribute("class") or "")


def test_the_keyboard_walks_the_tree(visit) -> None:
    page = opened(visit)
    expect(page.locator(".tree-network").first).to_be_visible()
    page.locator("input[type=search]").focus()
    page.keyboard.press("Tab")
    expect(dot(page, "lenet5")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tree-network:focus")).to_have_count(1)
    expect(dot(page, "lenet5")).not_to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".network-figures")).to_be_visible(timeout=SECONDS)
    page.go_back()
    expect(page.locator(".tree-picture")).to_be_visible()


def test_networks_are_found_by_name(visit) -> None:
    page = opened(visit, "find=densenet")
    expect(page.locator(".tree-network.dim").first).to_be_attached()
    bright = page.locator(".tree-network:not(.dim)")
    found = bright.count()
    names = page.locator(".tree-label").all_text_contents()
    assert found == sum("densenet" in name for name in names)
    page.locator("input[type=search]").fill("vgg16-b")
    expect(page.locator("output").first).to_have_text("1 found")
    assert "find=vgg16-b" in page.url
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("vgg16-bn", timeout=SECONDS)


def test_a_networks_figures_layers_and_diagram(visit, site) -> None:
    page = opened(visit, "network=lenet5-tanh")
    told = site.http.get("v1/networks/lenet5-tanh").json()
    expect(page.locator(".network-figures")).to_contain_text("61.7 k", timeout=SECONDS)
    expect(page.locator(".network-figures")).to_contain_text("99.3 % (n = 10,000)")
    rows = page.locator(".layers tbody tr:not(.stage-row)")
    expect(rows).to_have_count(len(told["layers"]))
    expect(rows.first).to_contain_text("conv 1→6 k5 p2")
    image = page.locator(".diagram img")
    image.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('.diagram img').naturalWidth > 300"
    )
    page.get_by_role("link", name="Look inside").last.click()
    assert "#/inside?run=network%3Alenet5-tanh" in page.url


def test_stages_of_a_deep_network_open_and_close(visit) -> None:
    page = opened(visit, "network=resnet20")
    fold = page.locator(".stage-fold").nth(1)
    expect(fold).to_be_visible(timeout=SECONDS)
    visible = page.locator(".layers tr:not(.stage-row):visible")
    before = visible.count()
    opening = fold.get_attribute("aria-expanded") == "false"
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", str(opening).lower())
    assert (visible.count() > before) == opening


def test_commands_are_copied(visit) -> None:
    page = opened(
        visit,
        "network=lenet5-tanh",
        permissions=["clipboard-read", "clipboard-write"],
    )
    copy = page.get_by_role("button", name="Copy convatlas show lenet5-tanh")
    copy.click(timeout=SECONDS)
    expect(copy).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "convatlas show lenet5-tanh"


def test_two_networks_side_by_side(visit) -> None:
    page = opened(visit, "network=lenet5-tanh")
    page.get_by_label("Compare with").select_option("mnist-cnn", timeout=SECONDS)
    totals = page.locator(".compare-pair").first
    expect(totals).to_contain_text("61.7 k", timeout=SECONDS)
    expect(totals).to_contain_text("8.49 k")
    wide, narrow = (bar.bounding_box() for bar in totals.locator(".compare-bar").all())
    assert wide is not None and narrow is not None
    assert narrow["width"] / wide["width"] == pytest.approx(8490 / 61706, rel=0.05)
    assert "with=mnist-cnn" in page.url


def test_an_unknown_network_is_told_in_place(visit) -> None:
    page = visit("#/atlas?network=lenet6", kept=True, expected=["404"])
    expect(page.locator(".notice")).to_contain_text("lenet6", timeout=SECONDS)
    page.get_by_role("link", name="All networks").click()
    expect(page.locator(".tree-picture")).to_be_visible()


@pytest.mark.parametrize("state", ["", "network=lenet5-tanh&with=mnist-cnn"])
def test_both_languages_and_themes_at_all_widths(visit, looks, state: str) -> None:
    page = opened(visit, state)
    shown = ".compare" if state else ".tree-picture"
    for _, _, width in looks(page):
        expect(page.locator(shown)).to_be_visible(timeout=SECONDS)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

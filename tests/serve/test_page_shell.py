"""The shell: languages, themes, addresses, narrow screens; the views of a network."""

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

SECONDS = 30_000  # ms
VIEWS = ("draw", "inside")
TITLES = {"en": ("Draw", "Look inside"), "zh": ("手写", "看内部")}


def here(page: Page) -> str:
    """The hash of its address; playwright hears of a change later."""
    return page.evaluate("location.hash")


@pytest.mark.parametrize(
    ("language", "theme"),
    [
        ("en", "light"),
        ("zh", "dark"),
        pytest.param("en", "dark", marks=pytest.mark.slow),
        pytest.param("zh", "light", marks=pytest.mark.slow),
    ],
)
def test_every_language_and_theme(visit, language: str, theme: str) -> None:
    """``visit`` sees to errors on the console and requests to elsewhere."""
    page = visit("#/draw?sample=digits-5k/0/3", language=language, theme=theme)
    for name, title in zip(VIEWS, TITLES[language], strict=True):
        page.locator(f'#tabs a[data-view="{name}"]').click()
        expect(page).to_have_title(f"{title} · convatlas")
        expect(page.locator(".ribbon-node")).to_have_count(8, timeout=SECONDS)
        expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
        assert page.locator("html").get_attribute("data-theme") == theme


def test_language_and_theme_are_remembered(visit) -> None:
    page = visit("#/draw", language="en", theme="light")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    for shown in ("light", "dark"):
        page.locator("#theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", shown)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_title("手写 · convatlas")


def test_the_theme_follows_the_system(visit) -> None:
    page = visit("#/draw", kept=True, theme="light")
    expect(page).to_have_title("Draw · convatlas")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_no_change_of_the_system_is_missed_by_a_busy_page(visit) -> None:
    """Chromium tells no change to a list of media that was read just before."""
    page = visit("#/draw", kept=True, theme="light")
    page.evaluate(
        """async () => {
            const { shownTheme } = await import("./js/theme.js");
            const busy = () => {
                shownTheme();
                if (window.keptBusy) setTimeout(busy);
            };
            window.keptBusy = true;
            busy();
        }"""
    )
    for theme in ("dark", "light") * 3:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.evaluate("delete window.keptBusy")


def test_a_view_that_keeps_its_state_holds_nobody_back(visit) -> None:
    """It writes into the address only while that is its own."""
    page = visit("#/inside?sample=digits-5k/0/3", kept=True)
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    page.evaluate(
        """() => {
            location.hash = "#/arithmetic";
            document.querySelector(".switches input").click();
        }"""
    )
    expect(page).to_have_title("Arithmetic · convatlas")
    assert here(page).startswith("#/arithmetic")


def test_a_tab_leads_back_to_where_one_was(visit) -> None:
    page = visit("#/draw?sample=digits-5k/0/3", kept=True)
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    page.locator('#tabs a[data-view="inside"]').click()
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    page.locator('#tabs a[data-view="draw"]').click()
    expect(page.locator('.sample[aria-pressed="true"]')).to_have_count(1)
    assert "sample=digits-5k" in here(page)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_telephone_scrolls_in_one_direction(visit, view: str, language: str) -> None:
    page = visit(
        f"#/{view}?sample=digits-5k/0/3", kept=True, language=language, width=360
    )
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_all_texts_are_in_both_languages(visit) -> None:
    page = visit("#/draw", kept=True)
    missing = page.evaluate(
        """async () => {
            const missing = [];
            const parts = ["shell", "draw", "inside", "read", "atlas", "arithmetic",
                "train"];
            for (const part of parts) {
                const [en, zh] = await Promise.all(["en", "zh"].map(
                    (tag) => import(`./js/strings/${tag}/${part}.js`)));
                const fields = (text) => (text?.match(/{\\w+}/g) ?? []).sort().join();
                for (const key in {...en.default, ...zh.default}) {
                    const [one, other] = [en.default[key], zh.default[key]];
                    if (!one || !other || fields(one) !== fields(other))
                        missing.push(`${part}.${key}`);
                }
            }
            return missing;
        }"""
    )
    assert missing == []


def test_the_server_gone_is_told_in_place(visit) -> None:
    page = visit("#/draw?sample=digits-5k/0/3", kept=True, expected=["ERR_FAILED"])
    expect(page.locator(".bar.best")).to_be_enabled(timeout=SECONDS)
    page.route("**/v1/explain?*", lambda route: route.abort())
    page.locator(".sample").nth(1).click()
    line = page.locator(".draw-network .notice")
    expect(line).to_have_text(
        "The server does not answer. Is convatlas serve still running?"
    )


def test_controls_have_names_and_texts_have_contrast(visit) -> None:
    unit = "layer=features.act1&unit=0,9,9"
    page = visit(f"#/inside?sample=digits-5k/0/3&{unit}", kept=True)
    expect(page.locator(".value-formula")).to_have_count(2, timeout=SECONDS)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select")]
            .filter((e) => e.checkVisibility())
            .filter((e) => !(e.innerText.trim() || e.ariaLabel || e.title
                || e.closest("label")?.innerText.trim()))
            .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert page.evaluate(CONTRASTS) >= 4.5


# the lowest contrast of a colour of text against the paper, the cards and the washes
CONTRASTS = """() => {
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        const hex = style.getPropertyValue(name).trim().slice(1);
        const [r, g, b] = [0, 2, 4]
            .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
            .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => {
        const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
    };
    return Math.min(
        ...["--ink", "--quiet", "--accent"].flatMap((text) =>
            ["--paper", "--raised", "--accent-wash"].map((on) => contrast(text, on))),
        contrast("--on-accent", "--accent"), contrast("--ink", "--bad-wash"));
}"""

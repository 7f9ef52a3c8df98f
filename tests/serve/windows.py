"""Pages of one browser: what was loaded once is kept for the next tests."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page

# whether a view is there that nobody waits to be replaced, in the system's theme
AS_FOUND = """() => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return document.querySelector("#view > .view:not(.left)") !== null
        && document.documentElement.dataset.theme === (dark ? "dark" : "light");
}"""
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


class Windows:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        self._kept: dict[str, Page] = {}

    def page(self, language: str, *, kept: bool) -> Page:
        """An empty page, or the one that earlier tests were on."""
        if kept and language in self._kept:
            return self._kept[language]
        if language not in self._contexts:
            context = self._browser.new_context(locale=LOCALES[language])
            self._contexts[language] = context
        page = self._contexts[language].new_page()
        if kept:
            self._kept[language] = page
        return page

    def leave(self, page: Page) -> None:
        """Takes away what a test has changed for all, and closes what is not kept."""
        page.unroute_all(behavior="ignoreErrors")
        page.context.clear_permissions()
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        tongue = page.locator("html").get_attribute("lang") or ""
        usable = page.evaluate(AS_FOUND)
        for language, kept in list(self._kept.items()):
            if kept is page and usable and tongue.startswith(language):
                return
            if kept is page:  # a test failed half-way, or in the other language
                del self._kept[language]
        page.close()


@contextlib.contextmanager
def shown_anew(page: Page) -> Iterator[None]:
    """Waits until there is a view that was not there before."""
    page.evaluate("document.querySelector('#view > .view')?.classList.add('left')")
    yield
    page.locator("#view > .view:not(.left)").wait_for(state="attached")


def light(page: Page, theme: str) -> None:
    """The system's theme from now on; views are drawn anew for it."""
    shown = page.locator("html").get_attribute("data-theme")
    with shown_anew(page) if shown not in (None, theme) else contextlib.nullcontext():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]


def looks(page: Page) -> Iterator[tuple[str, str, int]]:
    """Both languages and themes at three widths, one after the other on one page."""
    for _ in LOCALES:
        for theme in ("light", "dark"):
            light(page, theme)
            for width in (360, 1280, 2560):
                page.set_viewport_size({"width": width, "height": 900})
                language = page.locator("html").get_attribute("lang") or ""
                yield language, theme, width
        with shown_anew(page):
            page.locator("#language").click()

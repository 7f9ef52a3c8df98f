"""Train, in a real browser: recorded events for the look, one real training."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, Route, expect

from convatlas.looking import message
from convatlas.looking.message import LayerMaps

SECONDS = 120_000  # ms: of a training on a machine that has other work
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def job(id: str, state: str, accuracy: float | None) -> dict:
    return {
        "id": id,
        "state": state,
        "run": None,
        "network": "lenet5-tanh",
        "data": "digits-5k",
        "epochs": 4.0,
        "seed": 0,
        "epoch": 2,
        "done": 20,
        "total": 40,
        "validation_accuracy": accuracy,
        "started": "2026-01-01T00:00:00+00:00",
    }


def epoch(number: int, loss: float, accuracy: float) -> dict:
    return {
        "epoch": number,
        "train_loss": loss,
        "train_accuracy": accuracy,
        "validation_loss": loss,
        "validation_accuracy": accuracy,
        "lr": 0.1,
        "seconds": 1.0,
        "images_per_second": 1000.0,
        "best": True,
    }


def filters() -> str:
    from base64 import b64encode

    kernels = np.linspace(-1, 0.5, 2 * 9, dtype=np.float32).reshape(2, 3, 3)
    layer = LayerMaps(
        index=-1,
        name="features.conv1",
        operation="",
        kind="kernels",
        shape=(2, 3, 3),
        channel=(0, 1),
        maps=kernels,
        energy=(1.0, 1.0),
        signed=True,
    )
    return b64encode(message.write([layer])).decode()


def told(state: str, *more: tuple[str, object]) -> str:
    """An event stream."""
    steps = [
        ("step", {"done": n, "total": 40, "loss": 2 - n / 20, "accuracy": n / 50,
                  "images_per_second": 1234.0})
        for n in range(1, 21)
    ]  # fmt: skip
    wrong = [{"png": PIXEL, "label": "4", "answer": "9", "probability": 0.9}]
    events = [
        ("state", job("one", state, None)),
        *steps,
        ("epoch", epoch(1, 0.5, 0.9)),
        ("epoch", epoch(2, 0.25, 0.95)),
        ("filters", filters()),
        ("mistakes", wrong),
        *more,
    ]
    return "".join(f"event: {n}\ndata: {json.dumps(d)}\n\n" for n, d in events)


@pytest.fixture
def trained(visit):
    """The view on two trainings, one of which was stopped."""

    def opened(state: str = "", **options) -> Page:
        page = visit("#/arithmetic", kept=True, **options)
        offer = {
            "allowed": True,
            "networks": ["lenet5-tanh", "mnist-cnn"],
            "data": ["digits-5k", "mnist"],
            "jobs": [job("one", "stopped", 0.95), job("two", "finished", 0.97)],
        }
        end = {"state": "stopped", "run": "one", "validation_accuracy": 0.95}

        def answer(route: Route) -> None:
            if not route.request.url.endswith("/events"):
                route.fulfill(json=offer)
                return
            body = told("training", ("end", {**end, "message": None}))
            route.fulfill(body=body, content_type="text/event-stream")

        page.route("**/v1/train**", answer)
        page.goto(page.url.split("#")[0] + f"#/train?{state}")
        expect(page.locator(".train-form")).to_be_visible()
        return page

    return opened


def test_how_to_allow_it_is_told(visit, looks) -> None:
    page = visit("#/train", kept=True)
    for _, _, width in looks(page):
        expect(page.locator(".code-line")).to_have_text("convatlas serve --allow-train")
        expect(page.locator(".train-form")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_curves_filters_and_mistakes(trained) -> None:
    page = trained("job=one")
    figures = page.locator(".live-figures")
    expect(figures).to_contain_text("stopped")
    expect(figures).to_contain_text("2 / 4")
    expect(figures).to_contain_text("95.0 %")
    expect(figures).to_contain_text("1,234 images/s")
    expect(page.locator(".chart")).to_have_count(2)
    expect(page.locator(".chart-dot.live")).to_have_count(4)
    low, high = (
        float(one.get_attribute("cy") or "")
        for one in page.locator(".chart").last.locator(".chart-dot.live").all()
    )
    assert low > high  # accuracy rose, and up is less
    expect(page.locator(".kernel-picture")).to_have_count(2)
    expect(page.locator(".mistakes figcaption")).to_contain_text("4 → 9 90.0 %")
    expect(page.get_by_role("link", name="Look inside").last).to_have_attribute(
        "href", "#/inside?run=one"
    )


def test_an_earlier_training_lies_over_the_curves(trained) -> None:
    page = trained("job=one")
    expect(page.locator(".chart-line.other0")).to_have_count(0)
    page.get_by_label("Lay two over the curves").check()
    expect(page.locator(".chart-line.other0")).to_have_count(2)
    assert "with=two" in page.url
    page.get_by_label("Lay two over the curves").uncheck()
    expect(page.locator(".chart-line.other0")).to_have_count(0)
    page.get_by_role("button", name="two").click()
    assert "job=two" in page.url


def test_a_refusal_is_told_in_place(trained) -> None:
    page = trained(expected=["429"])
    expect(page.locator(".train-body .hint")).to_be_visible()
    fault = {"error": {"code": "training_already", "message": "one is being trained"}}
    page.route(
        "**/v1/train",
        lambda route: (
            route.fulfill(status=429, json=fault, headers={"Retry-After": "10"})
            if route.request.method == "POST"
            else route.fallback()
        ),
    )
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#view > .view > .notice")).to_have_text(
        "one is being trained Try again in 10 s."
    )


def test_both_languages_and_themes_at_all_widths(trained, looks) -> None:
    page = trained("job=one&with=two")
    for _, _, width in looks(page):
        expect(page.locator(".mistakes img")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_real_training_stopped_resumed_and_looked_into(
    start_server, chromium, tmp_path: Path
) -> None:
    folder = str(tmp_path / "runs")
    with start_server("--allow-train", "--runs-folder", folder) as own:
        page = chromium.new_page(locale="en-GB")
        faults: list[str] = []
        page.on("console", lambda m: m.type == "error" and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(own.address + "#/train")
        page.get_by_label("Epochs", exact=True).fill("3")
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".chart-dot.live").first).to_be_attached(timeout=SECONDS)
        page.get_by_role("button", name="Stop and save").click()
        go_on = page.get_by_role("button", name="Go on")
        expect(go_on).to_be_visible(timeout=SECONDS)
        go_on.click()
        state = page.locator(".live-figures dd").first
        expect(state).to_have_text("finished", timeout=SECONDS)
        expect(page.locator(".live-figures")).to_contain_text("3 / 3")
        expect(page.locator(".kernel-picture")).to_have_count(6)
        assert page.locator(".mistakes img").count() > 0
        page.get_by_role("link", name="Look inside").last.click()
        expect(page.locator(".ribbon-node").first).to_be_visible(timeout=SECONDS)
        page.close()
        assert faults == []

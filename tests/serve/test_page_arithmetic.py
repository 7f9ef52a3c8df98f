"""Arithmetic, in a real browser; its numbers against PyTorch's."""

import io
import re
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

COMPUTE = """async (cases) => {
    const own = await import("./js/arithmetic/operators.js");
    const tensor = ([c, h, w], data) => own.tensor(c, h, w, Float64Array.from(data));
    const weight = ([outputs, inputs, height, width], data) =>
        ({ outputs, inputs, height, width, data: Float64Array.from(data) });
    return cases.map(({ kind, image, shape, kernel, size, bias, options }) => {
        const input = tensor(shape, image);
        const result = {
            conv: () => own.convolve(input, weight(size, kernel), bias, options),
            transposed: () =>
                own.transposedConvolve(input, weight(size, kernel), bias, options),
            max: () => own.maxPool(input, { height: size[2], width: size[3] }, options),
            average: () =>
                own.averagePool(input, { height: size[2], width: size[3] }, options),
        }[kind]();
        return { shape: [result.channels, result.height, result.width],
                 data: [...result.data] };
    });
}"""


def drawn_case(kind: str, random: Random) -> dict:
    """A layer with numbers of its own and a picture that it takes."""
    groups = random.choice([1, 1, 2, 3]) if kind in ("conv", "transposed") else 1
    into, out = groups * random.randint(1, 2), groups * random.randint(1, 2)
    kernel = random.randint(1, 4), random.randint(1, 4)
    stride, dilation = random.randint(1, 3), random.randint(1, 3)
    if kind == "average":
        dilation = 1
    pads = min(kernel) // 2 if kind in ("max", "average") else 2
    options = {
        "stride": stride,
        "padding": random.randint(0, pads),
        "dilation": dilation,
        "groups": groups,
        "extra": random.randrange(max(stride, dilation)),
    }
    size = [out, into // groups, *kernel]
    if kind == "transposed":
        size = [into, out // groups, *kernel]
    shape = [into, random.randint(10, 13), random.randint(10, 13)]
    generator = torch.Generator().manual_seed(random.randrange(2**31))
    values = torch.randn(*shape, generator=generator, dtype=torch.float64)
    weight = torch.randn(*size, generator=generator, dtype=torch.float64)
    bias = torch.randn(out, generator=generator, dtype=torch.float64)
    return {
        "kind": kind,
        "shape": shape,
        "image": values.flatten().tolist(),
        "size": size,
        "kernel": weight.flatten().tolist(),
        "bias": bias.tolist(),
        "options": options,
    }


def by_torch(case: dict) -> torch.Tensor:
    kernel = case["size"][2:]
    image = torch.tensor(case["image"], dtype=torch.float64).reshape(case["shape"])
    weight = torch.tensor(case["kernel"], dtype=torch.float64).reshape(case["size"])
    bias = torch.tensor(case["bias"], dtype=torch.float64)
    options = case["options"]
    stride, padding, dilation, groups = (
        options[name] for name in ("stride", "padding", "dilation", "groups")
    )
    f = nn.functional
    if case["kind"] == "conv":
        return f.conv2d(image[None], weight, bias, stride, padding, dilation, groups)[0]
    if case["kind"] == "max":
        return f.max_pool2d(image, kernel, stride, padding, dilation)
    if case["kind"] == "average":
        return f.avg_pool2d(image, kernel, stride, padding)
    extra = options["extra"]
    return f.conv_transpose2d(
        image[None], weight, bias, stride, padding, extra, groups, dilation
    )[0]


@pytest.mark.parametrize("kind", ["conv", "transposed", "max", "average"])
def test_the_operators_are_those_of_torch(visit, kind: str) -> None:
    page = opened(visit)
    random = Random(f"arithmetic {kind}")
    cases = [drawn_case(kind, random) for _ in range(40)]
    for case, result in zip(cases, page.evaluate(COMPUTE, cases), strict=True):
        wanted = by_torch(case)
        assert result["shape"] == list(wanted.shape), case["options"]
        assert result["data"] == pytest.approx(wanted.flatten().tolist(), abs=1e-9)


def opened(visit, state: str = "", **options) -> Page:
    """The view, drawn."""
    page = visit(f"#/arithmetic?{state}", kept=True, **options)
    expect(page.locator(".size-result")).to_be_visible()
    return page


def numbers(grid: Locator) -> list[float]:
    """What stands in a grid that is not edited."""
    cells = grid.locator(".cell[data-place]").all_inner_texts()
    return [number(one) for one in cells]


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def outputs(page: Page) -> Locator:
    return page.locator(".grids").last.locator(".grid")


# a picture and kernels of one's own for each operation, in the address
OWN = {
    "conv": {"padding": 1, "stride": 2, "channels": 2, "outputs": 2, "bias": 0.5},
    "conv grouped": {"dilation": 2, "channels": 2, "outputs": 2, "groups": 2},
    "transposed": {"stride": 2, "padding": 1, "extra": 1, "outputs": 2},
    "max": {"stride": 2, "padding": 1, "channels": 2},
    "average": {"stride": 1, "padding": 1},
}


@pytest.mark.parametrize("name", OWN)
def test_the_line_of_torch_makes_the_same_grid(visit, name: str) -> None:
    state = {"op": name.split()[0], "side": 7, "kernel": 3, "divisor": 1, **OWN[name]}
    channels, groups = state.get("channels", 1), state.get("groups", 1)
    slices = channels * state.get("outputs", 1) // groups
    random = Random(name)
    values = [random.randint(-9, 9) for _ in range(channels * 49)]
    weights = [random.randint(-9, 9) for _ in range(slices * 9)]
    state["values"] = ",".join(map(str, values))
    if state["op"] in ("conv", "transposed"):
        state["weights"] = ",".join(map(str, weights))
    pairs = "&".join(f"{key}={value}" for key, value in state.items())
    page = opened(visit, pairs)
    page.locator(".playback .slider").press("End")
    layer = eval(page.locator(".code-line").inner_text(), {"torch": torch})
    if "weights" in state:
        weight = torch.tensor(weights).float().reshape(layer.weight.shape)
        layer.load_state_dict(
            {
                "weight": weight,
                "bias": torch.full_like(layer.bias, state.get("bias", 0)),
            }
        )
    image = torch.tensor(values).float().reshape(1, channels, 7, 7)
    wanted = layer(image)[0].detach()
    expect(outputs(page)).to_have_count(len(wanted))
    for grid, channel in zip(outputs(page).all(), wanted, strict=True):
        assert numbers(grid) == pytest.approx(channel.flatten().tolist(), abs=0.006)
    side = page.locator(".size-result").inner_text()
    assert int(side) == wanted.shape[-1]


def test_the_x_of_tutorial_000(visit) -> None:
    page = opened(visit)
    shown = numbers(outputs(page).first)
    assert len(shown) == 49
    assert shown[:7] == [0.78, -0.11, 0.11, 0.33, 0.56, -0.11, 0.33]
    expect(page.locator(".sum-result")).to_have_text("0.78")
    expect(page.locator(".product")).to_have_count(9)
    expect(page.locator(".formulas")).to_contain_text(
        "⌊(9 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 7"
    )


def test_steps_with_keys_and_slider(visit) -> None:
    page = opened(visit)
    page.get_by_role("button", name="One place on").click()
    expect(page.locator(".place-count")).to_have_text("2 of 49")
    page.locator(".playback .slider").press("End")
    expect(page.locator(".formulas")).to_contain_text("Output 1, row 7, column 7")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".place-count")).to_have_text(re.compile(r"^(?!49 )\d+ of 49"))
    page.get_by_role("button", name="Pause").click()
    outputs(page).first.locator(".cell").nth(24).click()
    expect(page.locator(".place-count")).to_have_text("25 of 49")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".place-count")).to_have_text("26 of 49")


def test_numbers_are_changed_with_the_keyboard_and_kept_in_the_address(visit) -> None:
    page = opened(visit)
    first = page.get_by_label("row 1, column 1").first
    first.focus()
    page.keyboard.type("8")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("row 1, column 2").first).to_be_focused()
    expect(page.locator(".sum-result")).to_have_text("1.78")
    assert page.locator(".labelled select").first.input_value() == "own"
    page.reload()
    expect(page.locator(".sum-result")).to_have_text("1.78")
    page.get_by_label("row 1, column 1").first.fill("much")
    page.keyboard.press("Enter")
    expect(page.get_by_label("row 1, column 1").first).to_have_value("8")


def test_a_window_that_does_not_fit_is_told(visit) -> None:
    page = opened(visit, "side=2&dilation=2")
    expect(page.locator(".stage")).to_contain_text("larger than the padded input")
    page.get_by_role("button", name="Padding +1").click()
    expect(page.locator(".stage")).to_contain_text("larger than the padded input")
    page.get_by_role("button", name="Padding +1").click()
    expect(page.locator(".size-result")).to_have_text("2")


def test_a_click_on_the_output_tells_the_sum_of_overlapping_kernels(visit) -> None:
    page = opened(visit, "op=transposed&side=3&picture=counting&filter=blur")
    page.locator(".playback .slider").press("End")
    middle = outputs(page).first.locator(".cell").nth(12)
    middle.click()
    expect(page.locator(".product")).to_have_count(9)  # all nine pixels reach it
    expect(page.locator(".sum-result")).to_have_text("4")
    expect(middle).to_have_text("4")


def pixels(page: Page, canvas: int) -> list[int]:
    return (
        page.locator("canvas.photo")
        .nth(canvas)
        .evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
    )


def test_ones_own_picture(visit) -> None:
    grey = (7 * np.arange(600) % 256).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey.reshape(20, 30)).save(file, "PNG")
    page = opened(visit, "filter=identity&padding=1")
    own = {"name": "own.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator(".photo-part input[type=file]").set_input_files(own)
    size = page.locator("canvas.photo").first
    expect(size).to_have_attribute("width", "30")
    assert pixels(page, 0)[::4] == grey.tolist()
    assert pixels(page, 1) == pixels(page, 0)
    broken = {"name": "own.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.locator(".photo-part input[type=file]").set_input_files(broken)
    expect(page.locator(".photo-part .notice")).to_contain_text("own.png")
    size.click()  # a patch of it onto the grid
    expect(page.locator(".labelled select").first).to_have_value("own")


def test_no_motion_where_none_is_wanted(visit) -> None:
    style = "e => getComputedStyle(e).transitionDuration"
    moving = opened(visit, motion="no-preference")
    assert moving.locator(".grid-window").first.evaluate(style) != "0s"
    still = opened(visit, motion="reduce")
    assert still.locator(".grid-window").first.evaluate(style) == "0s"


def test_both_languages_and_themes_at_all_widths(visit, looks) -> None:
    page = opened(visit, "channels=3&outputs=2&padding=2&op=conv")
    for _, _, width in looks(page):
        expect(page.locator(".sum-result")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 2000:
            for operation in ("max", "average", "transposed", "conv"):
                page.locator(f"input[value={operation}]").check(force=True)
                expect(page.locator(".sum-result")).to_be_visible()
                told = f"op={operation}" in page.evaluate("location.hash")
                assert told == (operation != "conv")  # which it is by itself

"""The page's modules for themselves, in the browser, called with values."""

import base64
import functools

import numpy as np
import pytest

from convatlas.anatomy import trace
from convatlas.looking import message
from convatlas.looking.message import LayerMaps
from convatlas.networks import build
from convatlas.serve.inside.structure import structure_of

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page


@pytest.fixture(scope="module")
def page(site, chromium):
    """An empty page of the server, whose modules can be imported."""
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/empty.html", lambda route: route.fulfill(content_type="text/html"))
    page.goto(site.address + "empty.html")
    yield page
    context.close()


def layer(maps: np.ndarray, **more: object) -> LayerMaps:
    return LayerMaps(
        index=0,
        name="conv",
        operation="conv 1→2 k3",
        kind="conv",
        shape=maps.shape,
        channel=tuple(more.pop("channel", range(len(maps)))),
        maps=maps,
        energy=tuple(float((one**2).mean()) for one in maps),
        **more,
    )


def test_maps_are_read_as_python_wrote_them(page: Page) -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(2, 3, 5)).astype(np.float32)
    second = rng.normal(size=(4, 2, 2)).astype(np.float32)
    seen = rng.integers(0, 255, (1, 3, 3), np.uint8)
    text = message.write(
        [layer(first, channel=(7, 4)), layer(second)], seen=seen, run="äx", answers=None
    )
    found = page.evaluate(
        """async (text) => {
            const { readMaps, channelValues, valueAt, inOrder } =
                await import("/js/maps.js");
            const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
            const read = readMaps(bytes.buffer);
            return {
                run: read.run,
                seen: [...read.seen.bytes],
                values: read.layers.map((layer) => layer.channel.map(
                    (_, place) => [...channelValues(layer, place)])),
                one: valueAt(read.layers[0], 1, 2, 3),
                channels: inOrder(read.layers[0]).channel,
                ordered: [...channelValues(inOrder(read.layers[0]), 0)],
            };
        }""",
        base64.b64encode(text).decode(),
    )
    assert found["run"] == "äx"
    assert found["seen"] == seen.flatten().tolist()
    for values, maps in zip(found["values"], (first, second), strict=True):
        step = np.ptp(maps, axis=(1, 2)).max() / 255
        np.testing.assert_allclose(np.reshape(values, maps.shape), maps, atol=step)
    assert found["one"] == pytest.approx(found["values"][0][1][13], abs=1e-6)
    assert found["channels"] == [4, 7]
    assert found["ordered"] == found["values"][0][1]


def test_what_is_no_maps_message_is_refused(page: Page) -> None:
    told = page.evaluate(
        """async () => {
            const { readMaps } = await import("/js/maps.js");
            try { readMaps(new TextEncoder().encode("<html> not maps").buffer); }
            catch (fault) { return fault.message; }
        }"""
    )
    assert told == 'not a maps message: it begins with "<htm", not "CVAM"'


PAINTED = """async ([values, height, width, options]) => {
    const { paint } = await import("/js/tensors.js");
    const canvas = document.createElement("canvas");
    const ends = paint(canvas, Float32Array.from(values), height, width, options);
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return { ends, size: [canvas.width, canvas.height], data: [...data] };
}"""


def painted(page: Page, values: list[float], shape: tuple[int, int], **options: object):
    found = page.evaluate(PAINTED, [values, *shape, options])
    pixels = np.array(found["data"]).reshape(*shape, 4)
    assert found["size"] == [shape[1], shape[0]]
    assert (pixels[..., 3] == 255).all()
    return found["ends"], pixels[..., :3]


def test_activations_are_painted_in_viridis(page: Page) -> None:
    ends, pixels = painted(page, [-1, 0.5, 2, 2, 0.5, -1], (2, 3))
    assert ends == [-1, 2]
    np.testing.assert_array_equal(pixels[0, 0], (0x44, 0x01, 0x54))
    np.testing.assert_array_equal(pixels[0, 2], (0xFD, 0xE7, 0x25))
    np.testing.assert_allclose(pixels[0, 1], (0x21, 0x91, 0x8C), atol=2)
    np.testing.assert_array_equal(pixels[0], pixels[1, ::-1])


def test_a_given_scale_is_common(page: Page) -> None:
    ends, pixels = painted(page, [1, 2], (1, 2), low=0, high=2, scale="grey")
    assert ends == [0, 2]
    assert pixels.tolist() == [[[128] * 3, [255] * 3]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_is_neutral_in_the_diverging_scale(page: Page, theme: str) -> None:
    ends, pixels = painted(page, [-4, 0, 1], (1, 3), scale="diverging", theme=theme)
    assert ends == [-4, 4]
    low, zero, high = pixels[0].astype(int)
    assert np.ptp(zero) <= 6
    assert (zero > 245).all() if theme == "light" else (zero < 50).all()
    assert low[2] > low[0] and high[0] > high[2]  # blue below, red above


def test_equal_numbers_are_painted(page: Page) -> None:
    for scale in ("viridis", "diverging"):
        _, pixels = painted(page, [0, 0], (1, 2), scale=scale)
        assert len({tuple(pixel) for pixel in pixels[0]}) == 1


def test_strokes_survive_an_address(page: Page) -> None:
    strokes = [[[0, 0, 22], [280, 280, 34]], [[140.2, 33.3, 12]]]
    text, back = page.evaluate(
        """async (strokes) => {
            const { readStrokes, writeStrokes } = await import("/js/ink.js");
            const text = writeStrokes(strokes);
            return [text, readStrokes(text)];
        }""",
        strokes,
    )
    assert text.replace("-", "").replace("_", "").isalnum()
    for stroke, other in zip(strokes, back, strict=True):
        np.testing.assert_allclose(other, stroke, atol=0.56)


def test_an_address_without_strokes_gives_none(page: Page) -> None:
    read = "async (t) => (await import('/js/ink.js')).readStrokes(t)"
    for text in ("", "%%%", "AAA", "____"):
        assert page.evaluate(read, text) in ([], [[[0, 0, 0]]]), text


def test_only_the_newest_waits(page: Page) -> None:
    done = page.evaluate(
        """async () => {
            const { latest } = await import("/js/latest.js");
            const done = [];
            let most = 0, now = 0;
            const run = latest(async (value) => {
                most = Math.max(most, ++now);
                await new Promise((resolve) => setTimeout(resolve, 5));
                done.push(value);
                now--;
            });
            for (let i = 0; i < 10; i++) run(i);
            await new Promise((resolve) => setTimeout(resolve, 100));
            return [done, most];
        }"""
    )
    assert done == [[0, 9], 1]


def test_numbers_are_short(page: Page) -> None:
    told = page.evaluate(
        """async () => {
            const { brief, percent, short, whole } = await import("/js/numbers.js");
            return [[0, 0.7312, -12.44, 1e-5, 123456, 250].map(short),
                    [0, 0.0001, 0.5, 0.99999, 1].map(percent),
                    [0.128, -1.25, 35.2, -0.001].map(brief), whole(61706, "zh")];
        }"""
    )
    assert told == [
        ["0", "0.731", "−12.4", "1.00e−5", "1.23e+5", "250"],
        ["0.0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %"],
        ["0.13", "−1.3", "35", "0"],
        "61,706",
    ]


PLANNED = """async ([structure, choices]) => {
    const { withoutCopies } = await import("/js/ribbon/folding.js");
    const { planned } = await import("/js/ribbon/plan.js");
    const { laidOut } = await import("/js/ribbon/layout.js");
    const bare = withoutCopies(structure);
    const { nodes, edges } = planned(bare, {
        steps: choices.steps ?? false,
        open: new Set(choices.open ?? []), shut: new Set(choices.shut ?? []),
    });
    const boxes = [...Array(nodes.length + 1)].map(() => ({ width: 60, height: 90 }));
    return { nodes, edges, layers: bare.layers.length, ...laidOut(boxes, edges) };
}"""


@functools.cache
def structure(network: str) -> dict[str, object]:
    large = network in ("densenet121", "googlenet", "resnet18")
    table = trace(build(network), (3, 224, 224) if large else (1, 28, 28))
    return structure_of(table).model_dump()


def folded(page: Page, network: str, **choices: object) -> dict[str, list]:
    return page.evaluate(PLANNED, [structure(network), choices])


@pytest.mark.parametrize(
    "network", ["lenet5-tanh", "googlenet-mini", "resnet18", "googlenet", "densenet121"]
)
def test_every_layer_has_a_place_and_none_lie_on_each_other(
    page: Page, network: str
) -> None:
    found = folded(page, network)
    covered = [i for n in found["nodes"] for i in range(n["first"], n["last"] + 1)]
    assert covered == list(range(found["layers"]))
    assert len(found["nodes"]) <= 30
    places = found["places"]
    for i, one in enumerate(places):
        assert 0 <= one["y"] and one["y"] + one["height"] <= found["height"]
        for other in places[:i]:
            beside = abs(one["x"] - other["x"]) >= 60
            below = abs(one["y"] - other["y"]) >= 90
            assert beside or below
    for a, b in found["edges"]:  # from left to right
        assert places[a]["x"] < places[b]["x"]
    assert not any("NaN" in line["d"] for line in found["lines"])


def test_a_skip_arches_over_and_branches_lie_beside(page: Page) -> None:
    found = folded(page, "resnet18")
    arcs = [line for line in found["lines"] if "Q" in line["d"]]
    assert arcs
    middle = {round(p["y"]) for p in found["places"]}
    assert len(middle) == 1  # the main path is straight
    branches = folded(page, "googlenet-mini")
    at = [p["x"] for p in branches["places"]]
    assert max(at.count(x) for x in at) == 4


def test_stages_open_and_fold(page: Page) -> None:
    closed = folded(page, "densenet121")
    block = next(n for n in closed["nodes"] if n["key"] == "features.block3")
    assert block["folded"] and block["last"] - block["first"] > 150
    opened = folded(page, "densenet121", open=["features.block3"])
    keys = [n["key"] for n in opened["nodes"]]
    assert "features.block3" not in keys
    assert sum(key.startswith("features.block3.") for key in keys) == 24
    shut = folded(page, "densenet121", shut=["features"])
    assert [n["key"] for n in shut["nodes"]][0] == "features"


def test_what_only_passes_on_stands_with_its_layer(page: Page) -> None:
    together = folded(page, "lenet5-tanh")
    steps = folded(page, "lenet5-tanh", steps=True)
    assert len(steps["nodes"]) == steps["layers"] == 12
    assert len(together["nodes"]) == 7
    first = together["nodes"][0]
    assert (first["key"], first["first"], first["shown"]) == ("features.conv1", 0, 1)


def test_a_saved_svg_holds_the_picture_its_title_and_its_legend(page: Page) -> None:
    text = page.evaluate(
        """async () => {
            const { paint } = await import("/js/tensors.js");
            const { svgOf } = await import("/js/saving.js");
            const canvas = document.createElement("canvas");
            paint(canvas, [0, 1, 2, 3], 2, 2);
            const legend = { scale: "viridis", low: 0, high: 3, theme: "light" };
            const text = svgOf(canvas, "conv <1> & 2", legend);
            const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
            const picture = parsed.querySelector("image").getAttribute("href");
            return [...parsed.querySelectorAll("text")].map((e) => e.textContent)
                .concat(picture.slice(0, 14));
        }"""
    )
    assert text == ["conv <1> & 2", "0 – 3.00", "data:image/png"]

"""Looking inside over HTTP, on a real server with what came with the package."""

import json
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from convatlas.looking.message import MEDIA_TYPE, LayerMaps, Message, read
from convatlas.looking.subjects import Subject, find_subject
from convatlas.networks import variants
from convatlas.serve.subjects import BUILT_IN_RUN

DIGIT = (Path(__file__).parent / "data" / "digit.png").read_bytes()


@pytest.fixture(scope="module")
def http(site) -> httpx.Client:
    return site.http


@pytest.fixture(scope="module")
def lenet() -> Subject:
    return find_subject(BUILT_IN_RUN)


def maps(answer: httpx.Response) -> Message:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    return read(answer.content)


def fault(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status
    (error,) = answer.json().values()
    assert set(error) == {"code", "message"} and "\n" not in error["message"]
    return f"{error['code']}: {error['message']}"


def values_of(subject: Subject) -> dict[str, np.ndarray]:
    """What every layer gives for the digit, without the server."""
    looked = subject.look(subject.prepare(Image.open(BytesIO(DIGIT)).convert("RGB")))
    return {
        subject.table.rows[row].name: output[0].numpy()
        for row, output in looked.outputs.items()
    }


def close(layer: LayerMaps, known: np.ndarray) -> bool:
    """Equal up to the steps of a byte."""
    chosen = known.reshape(layer.shape)[list(layer.channel)]
    step = np.ptp(chosen, axis=(1, 2)).max() / 255
    return bool(np.allclose(layer.maps, chosen, atol=step + 1e-6))


def test_all_layers_of_the_default_run(http, lenet) -> None:
    found = maps(http.post("/v1/explain", content=DIGIT))
    known = values_of(lenet)
    names = [layer.name for layer in found.layers]
    structure = http.get("/v1/runs/lenet5/structure").json()
    by_index = {layer["index"]: layer for layer in structure["layers"]}
    assert names[0] == "features.conv1" and names[-1] == "head.fc2"
    for layer in found.layers:
        assert by_index[layer.index]["name"] == layer.name
        assert by_index[layer.index]["field"] == layer.field
        assert close(layer, known[layer.name])
        assert list(layer.energy) == sorted(layer.energy, reverse=True)
    assert found.seen is not None and found.seen.shape == (1, 28, 28)
    assert found.header["run"] == "lenet5" and found.header["trained"]


def test_answers_are_those_of_predict(http) -> None:
    looked = maps(http.post("/v1/explain", content=DIGIT)).header["answers"]
    predicted = http.post("/v1/predict", content=DIGIT).json()["answers"]
    assert [one["class"] for one in looked] == [one["class"] for one in predicted]
    for one, other in zip(looked, predicted, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-4)


def test_one_layer_in_full(http, lenet) -> None:
    answer = http.post(
        "/v1/explain",
        params={"layer": "features.conv2", "channels": 2, "side": 4},
        content=DIGIT,
    )
    (layer,) = maps(answer).layers
    assert layer.shape == layer.maps.shape == (16, 10, 10)
    assert layer.channel == tuple(range(16))
    assert close(layer, values_of(lenet)["features.conv2"])


def test_few_channels_and_small_maps(http) -> None:
    answer = http.post(
        "/v1/explain", params={"channels": 2, "side": 7, "top": 3}, content=DIGIT
    )
    found = maps(answer)
    assert all(len(layer.channel) <= 2 for layer in found.layers)
    assert found.layers[0].maps.shape == (2, 7, 7)
    assert found.layers[0].shape == (6, 28, 28)
    assert len(found.header["answers"]) == 3


def test_preparing_can_be_chosen(http) -> None:
    pixels = np.full((28, 28), 255, np.uint8)
    pixels[3:9, 4] = 0
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    seen = {
        how: maps(
            http.post("/v1/explain", params={"prepare": how}, content=buffer.getvalue())
        ).seen
        for how in ("digit", "none")
    }
    assert (seen["none"][0] == pixels).all()
    assert seen["digit"][0, 4:24].max() > 200 > seen["digit"][0, 0, 0] == 0


def test_a_form_may_carry_the_picture(http) -> None:
    form = {"file": ("digit.png", DIGIT, "image/png")}
    one = maps(http.post("/v1/explain", files=form))
    assert (
        one.header["answers"]
        == maps(http.post("/v1/explain", content=DIGIT)).header["answers"]
    )


def test_an_untrained_network_with_branches(http) -> None:
    found = maps(
        http.post("/v1/explain?run=network:googlenet-mini&channels=3", content=DIGIT)
    )
    assert not found.header["trained"]
    structure = http.get("/v1/runs/network:googlenet-mini/structure").json()
    names = {layer["name"] for layer in structure["layers"]}
    assert {layer.name for layer in found.layers} <= names
    joins = [one["index"] for one in structure["layers"] if one["kind"] == "join"]
    assert all(sum(b == join for _, b in structure["edges"]) > 1 for join in joins)


@pytest.mark.parametrize(
    ("method", "signed"),
    [
        ("grad-cam", False),
        ("integrated-gradients", True),
        ("occlusion", True),
        ("guided-backprop", True),
    ],
)
def test_heat_maps(http, method, signed) -> None:
    answer = http.post(
        "/v1/explain/heat", params={"method": method, "target": 4}, content=DIGIT
    )
    (layer,) = maps(answer).layers
    assert (layer.name, layer.operation, layer.signed) == ("heat", method, signed)
    assert layer.maps.shape == (1, 28, 28)
    assert layer.more["target"] == 4 and layer.more["about"] == "class 4"
    assert np.ptp(layer.maps) > 0


def test_without_a_target_the_likeliest_class_is_asked_about(http) -> None:
    best = http.post("/v1/predict", content=DIGIT).json()["answers"][0]["class"]
    (layer,) = maps(http.post("/v1/explain/heat", content=DIGIT)).layers
    assert layer.more["about"] == f"class {best}"


def test_kernels_are_the_weights(http, lenet) -> None:
    (layer,) = maps(http.get("/v1/runs/lenet5/kernels?layer=features.conv2")).layers
    weights = lenet.network.features.conv2.weight.detach().numpy()
    assert layer.shape == (16 * 6, 5, 5) and layer.signed
    assert (layer.more["out"], layer.more["in"]) == (16, 6)
    assert close(layer, weights)
    one = maps(http.get("/v1/runs/lenet5/kernels?layer=features.conv2&channel=3"))
    assert one.layers[0].channel == tuple(range(18, 24))
    assert np.allclose(one.layers[0].maps, layer.maps[18:24])


def test_of_large_layers_the_first_kernels_come(http) -> None:
    name = "/v1/runs/network:resnet18/kernels"
    (layer,) = maps(http.get(f"{name}?layer=features.stage4.block1.conv2")).layers
    assert layer.shape == (512 * 512, 3, 3)
    assert layer.channel == tuple(range(8 * 512))


def test_one_value_step_by_step(http, lenet) -> None:
    answer = http.post(
        "/v1/explain/value",
        params={"layer": "features.conv1", "unit": "2,14,15"},
        content=DIGIT,
    )
    assert answer.status_code == 200
    found = answer.json()
    known = values_of(lenet)["features.conv1"][2, 14, 15]
    assert found["value"] == pytest.approx(known, abs=1e-5)
    (term,) = found["terms"]
    products = np.array(term["patch"]) * np.array(term["kernel"])
    assert products.size == 25
    assert products.sum() + found["bias"] == pytest.approx(known, abs=1e-4)
    assert found["region"] == [12, 13, 16, 17] and found["source"] == "input"
    assert found["text"]["en"] and found["text"]["zh"]


def test_what_excites_a_channel(http) -> None:
    answer = http.get("/v1/runs/lenet5/exciting?layer=features.conv1&channel=1&count=4")
    assert answer.status_code == 200
    found = answer.json()
    values = [patch["value"] for patch in found["patches"]]
    assert len(values) == 4 and values == sorted(values, reverse=True)
    assert "validation" in found["from"]
    assert all(p["label"] in "0123456789" for p in found["patches"])
    more = http.get("/v1/runs/lenet5/exciting?layer=features.conv1&channel=1&count=9")
    assert more.json()["patches"][:4] == found["patches"]


def test_what_a_unit_sees(http) -> None:
    found = http.get("/v1/runs/lenet5/field?layer=features.conv2&unit=0,9").json()
    assert found["input"] == [0, 16, 11, 27]
    assert found["maps"]["features.conv2"] == [0, 9, 0, 9]
    assert found["maps"]["features.pool1"] == [0, 9, 4, 13]
    assert found["maps"]["features.conv1"] == [0, 18, 9, 27]
    assert "features.act2" not in found["maps"]
    whole = http.get("/v1/runs/lenet5/field?layer=head.fc2&unit=3").json()
    assert whole["input"] == [0, 0, 27, 27]


def test_what_a_unit_sees_through_branches_and_skips(http) -> None:
    route = "/v1/runs/network:resnet20/field"
    found = http.get(f"{route}?layer=features.stage1.block1.add&unit=5,6").json()
    assert found["input"] == [2, 3, 8, 9]
    assert found["maps"]["features.conv"] == [3, 4, 7, 8]
    assert found["maps"]["features.stage1.block1.conv1"] == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("explain?run=nobody", 404, "run_unknown: no run is served as 'nobody'"),
        ("explain?run=../../etc", 404, "run_unknown"),
        ("explain?run=network:lenet6", 404, "did you mean lenet5"),
        ("explain?run=reader", 422, "not_a_run"),
        ("explain?layer=features.conv9", 404, "no layer is called 'features.conv9'"),
        ("explain?channels=-1", 422, "channels = '-1'"),
        ("explain?prepare=upside-down", 422, "prepare = 'upside-down'"),
        ("explain/heat?target=10", 422, "target 10: a class from 0 to 9"),
        ("explain/heat?method=magic", 422, "method = 'magic'"),
        ("explain/heat?digit=x", 422, "digit = 'x'"),
        ("explain/heat?layer=nowhere", 404, "no layer is called 'nowhere'"),
        ("explain/value?layer=features.conv1&unit=6,0,0", 422, "unit 6,0,0"),
        ("explain/value?layer=features.conv1&unit=0", 422, "units 0,0,0 to 5,27,27"),
        ("explain/value?layer=features.conv1&unit=a", 422, "unit = 'a'"),
        ("explain/value?layer=features.conv1", 422, "unit"),
    ],
)
def test_what_cannot_be_asked_of_a_picture(http, address, status, text) -> None:
    assert text in fault(http.post(f"/v1/{address}", content=DIGIT), status)


@pytest.mark.parametrize("route", ["explain", "explain/heat"])
def test_what_is_no_picture(http, route) -> None:
    assert "no_picture" in fault(http.post(f"/v1/{route}"), 400)
    assert "not_a_picture" in fault(http.post(f"/v1/{route}", content=b"hello"), 415)
    cut = fault(http.post(f"/v1/{route}", content=DIGIT[:-30]), 400)
    assert "picture_unreadable" in cut


def test_an_empty_sheet_is_told_so(http) -> None:
    buffer = BytesIO()
    Image.new("L", (100, 100), 255).save(buffer, "PNG")
    assert "not_possible" in fault(
        http.post("/v1/explain", content=buffer.getvalue()), 422
    )


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("runs/nobody/structure", 404, "run_unknown"),
        ("runs/network:nobody/structure", 404, "no network is called 'nobody'"),
        ("runs/reader/structure", 422, "not_a_run"),
        ("runs/lenet5/field?layer=features.conv1&unit=28,0", 422, "0,0 to 27,27"),
        ("runs/lenet5/field?layer=features.conv1&unit=3", 422, "0,0 to 27,27"),
        ("runs/lenet5/field?layer=features.conv1&unit=-1,0", 422, "unit = '-1,0'"),
        ("runs/lenet5/field?layer=features.conv7&unit=1,0", 404, "no layer is called"),
        ("runs/lenet5/kernels?layer=features.act1", 422, "has no kernels"),
        ("runs/lenet5/kernels?layer=features.conv9", 404, "no layer is called"),
        ("runs/lenet5/kernels", 422, "layer"),
        ("runs/lenet5/kernels?layer=features.conv1&channel=6", 422, "has 0 to 5"),
        ("runs/lenet5/exciting?layer=features.conv1&channel=6", 422, "channels 0 to 5"),
        ("runs/lenet5/exciting?layer=features.conv1&count=99", 422, "count = '99'"),
        ("runs/network:vgg16/exciting?layer=head.fc1", 422, "was never trained"),
        ("runs/network:vgg16/kernels?layer=head.fc2", 422, "weights in one piece"),
    ],
)
def test_what_cannot_be_asked_of_a_network(http, address, status, text) -> None:
    assert text in fault(http.get(f"/v1/{address}"), status)


def test_every_route_stands_in_the_schema_with_its_media_type(http) -> None:
    schema = json.loads(http.get("/openapi.json").content)
    explain = schema["paths"]["/v1/explain"]["post"]
    assert MEDIA_TYPE in explain["responses"]["200"]["content"]
    assert "image/png" in explain["requestBody"]["content"]
    for path in ("kernels", "exciting", "structure"):
        assert f"/v1/runs/{{id}}/{path}" in schema["paths"]


FAMILIES = {variant.family: variant.name for variant in reversed(list(variants()))}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES.values())
def test_every_family_can_be_looked_into(http, name) -> None:
    id = f"network:{name}"
    layers = http.get(f"/v1/runs/{id}/structure").json()["layers"]
    by_index = {layer["index"]: layer for layer in layers}
    picture = {"run": id, "prepare": "none", "channels": 2, "side": 16}
    found = maps(http.post("/v1/explain", params=picture, content=DIGIT))
    for layer in found.layers:
        assert by_index[layer.index]["name"] == layer.name
        assert layer.maps.size <= 2 * max(256, layer.shape[2] * layer.shape[1])
    last = [one for one in layers if len(one["shape"]) == 3][-1]
    answer = http.get(
        f"/v1/runs/{id}/field", params={"layer": last["name"], "unit": "0,0"}
    )
    assert answer.status_code == 200 and answer.json()["input"]
    convolution = next(one["name"] for one in layers if one["kind"] == "conv")
    maps(http.get(f"/v1/runs/{id}/kernels", params={"layer": convolution}))
    unit = ",".join("0" for _ in last["shape"])
    value = http.post(
        "/v1/explain/value",
        params={"run": id, "prepare": "none", "layer": last["name"], "unit": unit},
        content=DIGIT,
    )
    assert value.status_code == 200 and value.json()["formula"]
    maps(
        http.post(
            "/v1/explain/heat", params={"run": id, "prepare": "none"}, content=DIGIT
        )
    )

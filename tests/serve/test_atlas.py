"""The atlas over HTTP: the family tree, layers, diagrams, samples of data."""

from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from PIL import Image

from convatlas import data
from convatlas.networks import variants

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def http(site) -> httpx.Client:
    return site.http


def test_the_family_tree(http) -> None:
    networks = http.get("/v1/networks").json()["networks"]
    assert [one["name"] for one in networks] == [v.name for v in variants()]
    by_name = {one["name"]: one for one in networks}
    for one in networks:
        assert one["parents"] or one["name"] == "lenet5"
        assert all(by_name[p]["year"] <= one["year"] for p in one["parents"])
    assert by_name["vgg16"]["parameters"] == 138_357_544
    assert by_name["alexnet"]["took"].startswith("the layers of LeNet")


def test_runs_stand_beside_their_network(http) -> None:
    networks = http.get("/v1/networks").json()["networks"]
    (lenet,) = (one for one in networks if "lenet5" in one["runs"])
    shipped = http.get("/v1/runs").json()["runs"][0]
    assert lenet["name"] == shipped["network"]
    assert lenet["accuracy"]["value"] == shipped["accuracy"]["value"]
    assert lenet["accuracy"]["run"] == "lenet5"
    assert sum(bool(one["runs"]) for one in networks) == 1


def test_a_network_layer_by_layer(http) -> None:
    found = http.get("/v1/networks/densenet121").json()
    assert (found["year"], found["depth"], len(found["stages"])) == (2016, 121, 10)
    assert found["parents"] == ["resnet50-v1"]
    same = http.get("/v1/runs/network:densenet121/structure").json()
    assert {key: found[key] for key in same} == same
    assert sum(one["parameters"] for one in found["layers"]) == found["parameters"]


def test_a_diagram_that_needs_nothing_else(http) -> None:
    answer = http.get("/v1/networks/lenet5-tanh/diagram.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    policy = answer.headers.get_list("content-security-policy")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    root = ElementTree.fromstring(answer.text)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["aria-label"] == "lenet5-tanh: Tutorial 003, LeNet-5 (2023)"
    assert "href" not in answer.text and "<script" not in answer.text


def test_samples_are_drawn_by_the_seed(http) -> None:
    def samples(**asked: int | str) -> list[dict[str, str]]:
        return http.get("/v1/data/samples", params=asked).json()["samples"]

    found = samples(count=12, seed=3)
    assert len(found) == 12 and found == samples(count=12, seed=3)
    assert found != samples(count=12, seed=4)
    split = data.load("digits-5k").validation
    known = {
        image.tobytes(): int(c)
        for image, c in zip(split.images.numpy(), split.labels, strict=True)
    }
    for one in found:
        png = b64decode(one["png"].removeprefix("data:image/png;base64,"))
        pixels = np.asarray(Image.open(BytesIO(png)))
        assert one["label"] == str(known[pixels.tobytes()])


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("networks/lenet6", 404, "no network is called 'lenet6'; did you mean"),
        ("networks/lenet6/diagram.svg", 404, "no network is called 'lenet6'"),
        ("networks/os:system", 404, "no network is called"),
        ("networks/..%2F..%2Fetc", 404, ""),
        ("data/samples?data=cifar1000", 404, "no data set 'cifar1000' with classes"),
        ("data/samples?data=folder:%2Fetc", 404, "no data set 'folder:/etc'"),
        ("data/samples?count=0", 422, "count = '0'"),
        ("data/samples?count=101", 422, "count = '101'"),
        ("data/samples?seed=-1", 422, "seed = '-1'"),
    ],
)
def test_what_is_not_there(http, address, status, text) -> None:
    answer = http.get(f"/v1/{address}")
    assert answer.status_code == status
    assert text in answer.json()["error"]["message"]

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas import data
from convatlas.anatomy import trace
from convatlas.errors import PictureError, UnknownName, UsageError
from convatlas.networks import build
from convatlas.runs import Run
from convatlas.verbs.explain import Options, explain
from convatlas.verbs.explain.layers import row_of
from convatlas.verbs.explain.section import Section
from convatlas.verbs.predict import predict


@pytest.fixture(scope="module")
def digit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explain") / "digit.png"
    pixels = data.load("digits-5k").test.images[3, 0].numpy()
    Image.fromarray(pixels).resize((90, 90)).save(path)
    return path


def section(sections: tuple[Section, ...], name: str) -> Section:
    return next(one for one in sections if one.name == name)


def test_maps_of_every_layer_filters_and_two_values(
    trained_run: Run, digit: Path
) -> None:
    explained = explain(trained_run, [digit])
    (one,) = explained.pictures
    (said,) = predict(trained_run, [digit]).predictions
    assert one.answers[0].name == said.answers[0].name
    assert one.answers[0].probability == pytest.approx(said.answers[0].probability)
    layers = section(one.sections, "maps").figures["layers"]
    table = explained.subject.table
    assert [layer["layer"] for layer in layers] == [row.name for row in table.leaves]
    for layer in layers:
        energies = [channel["energy"] for channel in layer["channels"]]
        assert energies == sorted(energies, reverse=True)
    first, answer = section(one.sections, "values").figures["values"]
    assert first["layer"] == "features.conv1" and answer["layer"] == "head.fc2"
    assert answer["unit"] == [int(one.answers[0].name)]
    assert answer["total"] == pytest.approx(answer["value"], rel=1e-4)
    filters = section(explained.sections, "filters").figures["layers"]
    assert filters[0]["shape"] == [6, 1, 5, 5]
    plain = json.loads(json.dumps(explained.to_json(), allow_nan=False))
    assert plain["pictures"][0]["maps"]["layers"][0]["shape"] == [6, 28, 28]


def test_scales_are_shared_or_own(trained_run: Run, digit: Path) -> None:
    layers = ("features.conv2",)
    (shared,) = section(
        explain(trained_run, [digit], options=Options(layers)).pictures[0].sections,
        "maps",
    ).shown
    assert shared.scale is not None
    assert shared.scale.low == min(t.values.min() for t in shared.tiles)
    assert all(tile.scale is None for tile in shared.tiles)
    (own,) = section(
        explain(trained_run, [digit], options=Options(layers, own_scale=True))
        .pictures[0]
        .sections,
        "maps",
    ).shown
    assert own.scale is None and len(own.tiles) == 16
    for tile in own.tiles:
        assert tile.scale is not None
        assert (tile.scale.low, tile.scale.high) == (
            tile.values.min(),
            tile.values.max(),
        )


def test_the_asked_unit_of_the_asked_layer(trained_run: Run, digit: Path) -> None:
    options = Options(("features.conv1",), (2, 5, 6), channels=3)
    explained = explain(trained_run, [digit], options=options)
    (one,) = explained.pictures
    (value,) = section(one.sections, "values").figures["values"]
    assert value["unit"] == [2, 5, 6] and value["kind"] == "conv"
    (sheet,) = section(one.sections, "maps").shown
    assert len(sheet.tiles) == 3 and "3 weaker channels left out" in sheet.note.en
    patch, kernel, products = section(one.sections, "values").shown[0].tiles
    weight = explained.subject.network.get_parameter("features.conv1.weight")
    assert np.allclose(kernel.values, weight[2, 0].detach().numpy())
    assert np.allclose(products.values, patch.values * kernel.values)


@pytest.mark.parametrize(
    "name", ["googlenet-mini", "densenet-bc-100-12", "resnet18:attention", "lenet5"]
)
def test_networks_that_nobody_trained(name: str, digit: Path) -> None:
    state = torch.get_rng_state()
    explained = explain(name, [digit], options=Options(channels=2))
    assert not explained.subject.trained
    assert torch.equal(torch.get_rng_state(), state)
    assert len(section(explained.pictures[0].sections, "maps").shown) > 10


def test_layers_by_name() -> None:
    table = trace(build("lenet5"), (1, 32, 32))
    assert table.rows[row_of(table, "features.c1")].name == "features.c1"
    assert table.rows[row_of(table, "features.s2")].name == "features.s2.add()"
    second = table.rows[row_of(table, "features.s2.mul()#2")]
    assert second.name == "features.s2.mul()" and second.call == 2
    with pytest.raises(UsageError, match="is called 2 times"):
        row_of(table, "features.s2.mul()#3")
    with pytest.raises(UnknownName, match="did you mean features.c1"):
        row_of(table, "features.c11")


def test_bad_wishes_are_named(trained_run: Run, digit: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one layer"):
        Options(unit=(1, 2, 3))
    with pytest.raises(UsageError, match="channels = -1"):
        Options(channels=-1)
    with pytest.raises(UnknownName, match="no layer is called 'conv9'"):
        explain(trained_run, [digit], options=Options(("conv9",)))
    with pytest.raises(UsageError, match="units 0,0,0 to 5,27,27"):
        options = Options(("features.conv1",), (6, 0, 0))
        explain(trained_run, [digit], options=options)
    with pytest.raises(UsageError, match="was never trained"):
        explain("lenet5-tanh", [digit], finder=tmp_path)
    with pytest.raises(UsageError, match="reads no numbers"):
        explain(trained_run, [digit], finder=trained_run.path)
    blank = tmp_path / "blank.png"
    Image.new("L", (60, 60), 200).save(blank)
    with pytest.raises(PictureError, match=r"blank\.png: the picture is blank"):
        explain(trained_run, [blank])
    blank.write_bytes(b"no picture")
    with pytest.raises(PictureError, match="blank.png: is no picture"):
        explain(trained_run, [blank])

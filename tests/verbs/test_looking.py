"""show, compare-networks, field and diagrams, as functions."""

from pathlib import Path

import pytest
from PIL import Image

from convatlas.errors import ConvatlasError, PictureError, UnknownName, UsageError
from convatlas.verbs.compare_networks import compare_networks
from convatlas.verbs.diagram import draw_diagram
from convatlas.verbs.field import field
from convatlas.verbs.show import show


def test_show_gives_a_table_and_measures_only_if_asked() -> None:
    shown = show("lenet5-tanh")
    assert shown.table.parameters == 61_706 and shown.timing is None


def test_show_measures() -> None:
    shown = show("mnist-cnn", time=True, batch=2, threads=1)
    assert shown.timing is not None and shown.processor
    timed = {layer.name for layer in shown.timing.layers}
    assert timed == {row.name for row in shown.table.leaves}


@pytest.mark.parametrize(("batch", "threads"), [(0, None), (1, 0), (1, -2)])
def test_show_refuses_impossible_numbers(batch: int, threads: int | None) -> None:
    with pytest.raises(UsageError, match="must be at least 1"):
        show("mnist-cnn", batch=batch, threads=threads)


def test_why_googlenet_is_smaller_than_alexnet() -> None:
    alexnet, googlenet = compare_networks(["alexnet", "googlenet"]).profiles
    assert alexnet.dense_parameters > 0.95 * alexnet.parameters
    used = googlenet.parameters - googlenet.uncalled_parameters
    assert alexnet.parameters > 8 * used
    assert googlenet.dense_parameters < 0.2 * used
    assert googlenet.layers == 22 and alexnet.layers == 8


def test_compare_draws_bars(tmp_path: Path) -> None:
    out = tmp_path / "bars.svg"
    compared = compare_networks(["lenet5-tanh", "mnist-cnn"], out=out)
    assert compared.picture == out
    assert "lenet5-tanh" in out.read_text() and "61.7 k" in out.read_text()


def test_compare_needs_names() -> None:
    with pytest.raises(UsageError, match="^name at least one network"):
        compare_networks([])


def test_field_of_the_middle_unit(tmp_path: Path) -> None:
    out, picture = tmp_path / "field.png", tmp_path / "picture.png"
    Image.new("L", (40, 30), 128).save(picture)
    seen = field("lenet5-tanh", "features.conv2", samples=2, picture=picture, out=out)
    assert (seen.unit, seen.patch) == ((5, 5), (8, 8, 21, 21))
    assert 0 < seen.effect.size <= 14.5
    with Image.open(out) as drawn:
        assert drawn.size[0] > 400


def test_a_block_has_a_field_too() -> None:
    seen = field("lenet5-tanh", "features", samples=1)
    assert seen.patch == (-2, -2, 29, 29) and seen.picture is None


@pytest.mark.parametrize(
    ("layer", "unit", "kind", "message"),
    [
        ("features.conv9", None, UnknownName, "no layer is called 'features.conv9'; "),
        ("head.fc1", None, UsageError, "head.fc1 (fc 120→84) gives 84, no map of a"),
        (
            "features.conv2",
            (10, 3),
            UsageError,
            "--unit 10,3: the map of features.conv2 has rows 0 to 9 and columns 0 to 9",
        ),
    ],
)
def test_layers_without_a_field(
    layer: str,
    unit: tuple[int, int] | None,
    kind: type[ConvatlasError],
    message: str,
) -> None:
    with pytest.raises(kind) as caught:
        field("lenet5-tanh", layer, unit=unit)
    assert str(caught.value).startswith(message)


def test_a_picture_that_is_none(tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("no picture")
    with pytest.raises(PictureError, match="text.png: cannot be read: is no picture$"):
        field("mnist-cnn", "features", samples=1, picture=text, out=tmp_path / "x.png")


def test_a_diagram_is_written_in_one_step(tmp_path: Path) -> None:
    table = show("mnist-cnn").table
    path = draw_diagram(table, tmp_path / "net.svg", "mnist-cnn")
    assert path.read_text().startswith("<svg") and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(UsageError, match="net.png: diagrams are written as .svg$"):
        draw_diagram(table, tmp_path / "net.png", "x")
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        draw_diagram(table, tmp_path / "no" / "net.svg", "x")

"""A reader bundle whose networks are written by hand, and pictures made for it.

The number's box is where a picture is blue. It is cut into four stripes, one a place;
how red a stripe is tells its digit. So what is read is right or wrong for a reason.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from PIL import Image

from convatlas.reading.bundle import FINDER, NOTE, READER, Bundle
from convatlas.reading.reader import Looks
from convatlas.runs.atomic import write_json

PLACES = 4
Box = tuple[int, int, int, int]

FINDER_TEXT = """
<ir_version: 8, opset_import: ["": 18]>
finder (uint8[N,3,96,192] images) => (float[N,4] box) {
    pixels = Cast <to = 1> (images)
    blue = Gather <axis = 1> (pixels, third)
    columns = ReduceMax <keepdims = 0> (blue, one)
    rows = ReduceMax <keepdims = 0> (blue, two)
    across = Greater (columns, half)
    down = Greater (rows, half)
    lefts = Where (across, x, width)
    rights = Where (across, next_x, zero)
    tops = Where (down, y, height)
    bottoms = Where (down, next_y, zero)
    left = ReduceMin <keepdims = 1> (lefts, one)
    right = ReduceMax <keepdims = 1> (rights, one)
    top = ReduceMin <keepdims = 1> (tops, one)
    bottom = ReduceMax <keepdims = 1> (bottoms, one)
    pixels_of_box = Concat <axis = 1> (left, top, right, bottom)
    box = Div (pixels_of_box, size)
}
"""
READER_TEXT = """
<ir_version: 8, opset_import: ["": 18]>
reader (uint8[N,3,40,96] images) => (float[N,4,11] logits) {
    pixels = Cast <to = 1> (images)
    red = Gather <axis = 1> (pixels, first)
    columns = ReduceMean <keepdims = 0> (red, one)
    stripes = MatMul (columns, middles)
    last = Unsqueeze (stripes, two)
    off = Sub (last, levels)
    square = Mul (off, off)
    logits = Div (square, minus_fifty)
}
"""


def oracle_bundle(folder: Path, **looks: object) -> Bundle:
    """Writes the bundle; the keywords are those of ``Looks``."""
    folder.mkdir(parents=True, exist_ok=True)
    x, y = np.arange(192, dtype=np.float32), np.arange(96, dtype=np.float32)
    _write(
        folder / FINDER,
        FINDER_TEXT,
        one=np.array([1]),
        two=np.array([2]),
        third=np.array(2),
        half=np.float32(127),
        zero=np.float32(0),
        width=np.float32(192),
        height=np.float32(96),
        x=x,
        next_x=x + 1,
        y=y,
        next_y=y + 1,
        size=np.array([192, 96, 192, 96], dtype=np.float32),
    )
    middles = np.zeros((96, PLACES), dtype=np.float32)
    for place in range(PLACES):
        middles[24 * place + 8 : 24 * place + 16, place] = 1 / 8
    _write(
        folder / READER,
        READER_TEXT,
        first=np.array(0),
        one=np.array([1]),
        two=np.array([2]),
        middles=middles,
        levels=(20 + 20 * np.arange(11, dtype=np.float32)).reshape(1, 1, 11),
        minus_fifty=np.float32(-50),
    )
    shown = Looks((40, 96), **{"margins": (0.0,), **looks})
    about = {"licence": "none", "figures": []}
    bundle = Bundle(folder, shown, PLACES, about=about)
    write_json(folder / NOTE, bundle.to_json())
    return bundle


def painted(
    number: str, box: Box = (60, 30, 120, 70), size: tuple[int, int] = (200, 100)
) -> Image.Image:
    """A black picture (width, height) with a number in a box."""
    pixels = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right, 2] = 255
    for place in range(PLACES):
        digit = int(number[place]) if place < len(number) else 10
        start = left + (right - left) * place // PLACES
        stop = left + (right - left) * (place + 1) // PLACES
        pixels[top:bottom, start:stop, 0] = 20 + 20 * digit
    return Image.fromarray(pixels)


def _write(path: Path, text: str, **constants: np.ndarray | np.generic) -> None:
    model = onnx.parser.parse_model(text)
    for name, value in constants.items():
        tensor = numpy_helper.from_array(np.asarray(value), name)
        model.graph.initializer.append(tensor)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())

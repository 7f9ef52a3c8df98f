import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from convatlas.looking import message
from convatlas.looking.message import LayerMaps


def layer(maps: np.ndarray, **more: object) -> LayerMaps:
    count, height, width = maps.shape
    return LayerMaps(
        index=3,
        name="features.conv1",
        operation="conv 1→6 k5",
        kind="conv",
        shape=(count, height, width),
        channel=tuple(range(count)),
        maps=maps.astype(np.float32),
        energy=tuple((maps**2).mean((1, 2)).tolist()),
        field="5",
        more=more,
    )


def test_values_come_back_within_half_a_step() -> None:
    random = np.random.default_rng(0)
    maps = (
        random.normal(size=(6, 7, 5))
        * np.array([1e-6, 1, 10, 1e3, 1e6, 0])[:, None, None]
    )
    seen = random.integers(0, 256, (1, 28, 28), np.uint8)
    written = message.write([layer(maps, out=2)], seen=seen, run="lenet", answers=None)
    back = message.read(written)
    assert back.header["run"] == "lenet" and back.header["answers"] is None
    assert back.seen is not None and (back.seen == seen).all()
    (one,) = back.layers
    step = (maps.max((1, 2)) - maps.min((1, 2))) / 255
    error = np.abs(one.maps - maps).max((1, 2))
    assert (error <= step * 0.5 + np.abs(maps).max((1, 2)) * 2e-5).all()
    assert (one.maps[5] == 0).all()
    assert one.name == "features.conv1" and one.shape == (6, 7, 5)
    assert one.more == {"out": 2} and one.field == "5" and not one.signed


def test_the_form_is_the_one_that_pages_read() -> None:
    """Byte by byte, as in the contract: nothing of ``message.read`` is used."""
    one, two = np.arange(6.0).reshape(1, 2, 3), np.array([[[-1.0]], [[5.0]]])
    written = message.write(
        [layer(one), layer(two)], seen=np.full((1, 1, 3), 9, np.uint8), run="x"
    )
    assert written[:4] == b"CVAM"
    (length,) = struct.unpack("<I", written[4:8])
    header = json.loads(written[8 : 8 + length])
    start = -(-(8 + length) // 8) * 8
    assert set(written[8 + length : start]) <= {0}
    data = written[start:]
    assert header["version"] == 1 and header["seen"] == {
        "shape": [1, 1, 3],
        "offset": 0,
    }
    assert list(data[:3]) == [9, 9, 9]
    first, second = header["layers"]
    assert (
        first["offset"] == 3 and first["size"] == [2, 3] and first["shape"] == [1, 2, 3]
    )
    assert (first["low"], first["high"]) == ([0.0], [5.0])
    assert list(data[3:9]) == [0, 51, 102, 153, 204, 255]
    assert second["offset"] == 9 and second["low"] == [-1.0, 5.0] == second["high"]
    assert len(data) == 11


def test_what_is_no_number_does_not_break_a_message() -> None:
    maps = np.array([[[np.nan, np.inf, -np.inf, 1.0]]])
    header = message.read(message.write([layer(maps)])).header
    assert json.loads(json.dumps(header, allow_nan=False)) == header


@pytest.mark.parametrize("cut", [0, 3, 40, -1])
def test_a_broken_message_is_refused(cut: int) -> None:
    written = message.write([layer(np.ones((1, 4, 4)))])
    with pytest.raises(ValueError):
        message.read(written[:cut])


def test_torch_is_not_needed() -> None:
    program = "import sys, convatlas.looking.message; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"

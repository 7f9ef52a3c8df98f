"""Maps as bytes: how activations, kernels and heat maps travel to a page.

``b"CVAM"``, the length of the header (uint32, little-endian), the header (JSON, UTF-8),
zero bytes up to a multiple of eight, then uint8 numbers. The header's ``layers`` say
where the maps of each lie, counted from the first of those numbers; the value behind a
byte is ``low + byte / 255 · (high − low)`` of its channel.

Nothing here needs torch.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEDIA_TYPE = "application/vnd.convatlas.maps"
MAGIC = b"CVAM"
VERSION = 1
ALIGNED = 8  # bytes
DIGITS = 6  # of numbers in the header

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LayerMaps:
    """Maps of one layer, some of its channels, perhaps made smaller.

    Attributes:
        index: of the row in the layer table; -1 where there is none.
        name: of the row.
        operation: in short.
        kind: of the operation.
        shape: (channels, height, width) of the real maps. A vector of n values counts
            as one map of 1×n, a matrix as one map.
        channel: which channels these are, in the order of ``maps``.
        maps: n h w.
        energy: mean square of each whole channel.
        field: size of the receptive field, as the layer table says it.
        signed: whether zero is a value like others: to be drawn in a diverging scale.
        more: further entries of the header.
    """

    index: int
    name: str
    operation: str
    kind: str
    shape: tuple[int, int, int]
    channel: tuple[int, ...]
    maps: Floats
    energy: tuple[float, ...]
    field: str = ""
    signed: bool = False
    more: Mapping[str, Any] = field_(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """What was read.

    Attributes:
        header: all of it.
        layers: with values as exact as a byte can be.
        seen: C H W, uint8, the picture as the network got it; None if not sent.
    """

    header: Mapping[str, Any]
    layers: tuple[LayerMaps, ...]
    seen: Bytes | None


def write(
    layers: Sequence[LayerMaps],
    *,
    seen: Bytes | None = None,
    **more: Any,
) -> bytes:
    """A message.

    Args:
        layers: in the order of the network.
        seen: C H W, uint8, the picture as the network got it.
        more: further entries of the header, e.g. ``run`` and ``answers``.
    """
    header: dict[str, Any] = {"version": VERSION, **more}
    parts: list[bytes] = []
    offset = 0
    if seen is not None:
        header["seen"] = {"shape": list(seen.shape), "offset": 0}
        parts.append(np.ascontiguousarray(seen, np.uint8).tobytes())
        offset = len(parts[0])
    described = []
    for layer in layers:
        scaled, low, high = quantised(layer.maps)
        described.append(
            {
                "index": layer.index,
                "name": layer.name,
                "operation": layer.operation,
                "kind": layer.kind,
                "shape": list(layer.shape),
                "channel": list(layer.channel),
                "size": list(layer.maps.shape[1:]),
                "offset": offset,
                "low": low,
                "high": high,
                "energy": [_short(value) for value in layer.energy],
                "field": layer.field,
                "signed": layer.signed,
                **layer.more,
            }
        )
        parts.append(scaled.tobytes())
        offset += scaled.size
    header["layers"] = described
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    start = MAGIC + struct.pack("<I", len(text)) + text
    return b"".join([start, bytes(-len(start) % ALIGNED), *parts])


def read(message: bytes) -> Message:
    """The inverse of ``write``.

    Raises:
        ValueError: it is no message, or cut off.
    """
    if message[:4] != MAGIC or len(message) < 8:
        raise ValueError(f"a message begins with {MAGIC!r}, not {message[:4]!r}")
    (length,) = struct.unpack_from("<I", message, 4)
    header = json.loads(message[8 : 8 + length].decode())
    if header["version"] != VERSION:
        raise ValueError(f"version {header['version']}: this one reads {VERSION}")
    start = 8 + length
    data = np.frombuffer(message, np.uint8, offset=start + -start % ALIGNED)
    seen = None
    if "seen" in header:
        shape = header["seen"]["shape"]
        seen = _taken(data, header["seen"]["offset"], shape)
    return Message(header, tuple(_layer(e, data) for e in header["layers"]), seen)


def quantised(maps: Floats) -> tuple[Bytes, list[float], list[float]]:
    """Each map on a scale of its own from 0 to 255, and the two ends of the scales."""
    finite = np.nan_to_num(np.asarray(maps, np.float32))
    flat = finite.reshape(len(finite), -1)
    low = [_short(value) for value in flat.min(1, initial=np.inf)]
    high = [_short(value) for value in flat.max(1, initial=-np.inf)]
    lows, highs = (np.array(ends, np.float64)[:, None] for ends in (low, high))
    wide = np.where(highs > lows, highs - lows, 1.0)
    scaled = np.rint((flat - lows) / wide * 255).clip(0, 255).astype(np.uint8)
    return scaled.reshape(finite.shape), low, high


def _layer(entry: Mapping[str, Any], data: Bytes) -> LayerMaps:
    known = (
        "index name operation kind shape channel size offset low high energy".split()
    )
    known += ["field", "signed"]
    shape = (len(entry["channel"]), *entry["size"])
    low, high = (
        np.array(entry[end], np.float64)[:, None, None] for end in ("low", "high")
    )
    values = low + _taken(data, entry["offset"], shape) / 255 * (high - low)
    channels, height, width = entry["shape"]
    return LayerMaps(
        index=entry["index"],
        name=entry["name"],
        operation=entry["operation"],
        kind=entry["kind"],
        shape=(channels, height, width),
        channel=tuple(entry["channel"]),
        maps=values.astype(np.float32),
        energy=tuple(entry["energy"]),
        field=entry["field"],
        signed=entry["signed"],
        more={key: value for key, value in entry.items() if key not in known},
    )


def _taken(data: Bytes, offset: int, shape: Sequence[int]) -> Bytes:
    count = int(np.prod(shape))
    if offset + count > len(data):
        raise ValueError(f"the message is cut off: {len(data)} of {offset + count}")
    return data[offset : offset + count].reshape(shape)


def _short(value: float) -> float:
    """A finite number for the header: six digits, since a byte says less."""
    finite = value if isfinite(value) else float(np.nan_to_num(value))
    return float(f"{finite:.{DIGITS}g}")

"""What units see after operations that slide: convolution, pooling, up-sampling."""

from math import gcd

from convatlas.anatomy.axis import (
    EVERYTHING,
    Reach,
    unknown,
    windowed,
)
from convatlas.anatomy.call import Call, Rule, expanded
from convatlas.anatomy.views import viewed


def slid(
    reach: Reach, dim: int, kernel: int, stride: int, pad: int, dilation: int = 1
) -> Reach:
    """After a window that slides along ``dim``."""

    def taps(unit: int) -> range:
        start = unit * stride - pad
        return range(start, start + (kernel - 1) * dilation + 1, dilation)

    return tuple(windowed(axis, dim, taps, 1, stride) for axis in reach)


def spread(
    reach: Reach, dim: int, kernel: int, stride: int, pad: int, dilation: int
) -> Reach:
    """After a transposed convolution along ``dim``: unit q is written by some units."""

    def taps(unit: int) -> range:
        reaching = [
            (unit + pad - tap * dilation) // stride
            for tap in range(kernel)
            if (unit + pad - tap * dilation) % stride == 0
        ]
        return range(min(reaching), max(reaching) + 1) if reaching else range(0)

    return tuple(windowed(axis, dim, taps, stride, 1) for axis in reach)


def convolution(call: Call) -> Reach:
    """``aten.convolution``, of any number of dimensions, also transposed."""
    weight = call.shape("weight")
    n = len(weight) - 2
    reach = call.reach(call["input"])
    stride = expanded(call["stride"], n)
    pad = expanded(call["padding"], n)
    dilation = expanded(call["dilation"], n)
    first = len(call.shape("input")) - n
    for i in range(n):
        slide = spread if call["transposed"] else slid
        reach = slide(reach, first + i, weight[2 + i], stride[i], pad[i], dilation[i])
    # all channels are summed: a picture axis along them is lost
    return tuple(
        EVERYTHING if first - 1 in axis.dims and weight[1] > 1 else axis
        for axis in reach
    )


def pooling(call: Call) -> Reach:
    """Max and average pooling, of one to three dimensions."""
    n = int(call.name.partition("_pool")[2][0])
    kernel = expanded(call["kernel_size"], n)
    stride = expanded(call["stride"] or kernel, n)
    pad = expanded(call["padding"], n)
    dilation = expanded(call.arguments.get("dilation", 1), n)
    reach = call.reach(call.tensors()[0])
    first = call.tensors()[0].ndim - n
    for i in range(n):
        reach = slid(reach, first + i, kernel[i], stride[i], pad[i], dilation[i])
    return reach


def adaptive(call: Call) -> Reach:
    """Adaptive pooling: unit q of m reads from floor(q n/m) to ceil((q+1) n/m)."""
    source = call.tensors()[0]
    sizes = tuple(call["output_size"])
    reach = call.reach(source)
    for i, units in enumerate(sizes):
        dim = source.ndim - len(sizes) + i
        size = source.shape[dim]
        if units == 1 and size > 1:
            reach = tuple(EVERYTHING if dim in axis.dims else axis for axis in reach)
            continue

        def taps(unit: int, size: int = size, units: int = units) -> range:
            return range(unit * size // units, -(-(unit + 1) * size // units))

        common = gcd(size, units)
        reach = tuple(
            windowed(axis, dim, taps, units // common, size // common) for axis in reach
        )
    return reach


def upsampling(call: Call) -> Reach:
    """Nearest, linear and cubic interpolation to another size."""
    source, result = call.tensors()[0], call.outputs[0]
    reach = call.reach(source)
    beside = {"nearest": 0, "linear": 1, "bicubic": 2}
    margin = next((m for name, m in beside.items() if name in call.name), 1)
    aligned = bool(call.arguments.get("align_corners"))
    for dim in range(2, source.ndim):
        size, units = source.shape[dim], result.shape[dim]
        if size == units:
            continue
        if aligned or "_aa" in call.name:
            reach = tuple(
                unknown(axis.dims) if dim in axis.dims else axis for axis in reach
            )
            continue

        def taps(unit: int, size: int = size, units: int = units) -> range:
            if not margin:
                return range(unit * size // units, unit * size // units + 1)
            twice = (2 * unit + 1) * size - units  # of the source position, times units
            left = twice // (2 * units)
            return range(left - margin + 1, left + margin + (twice % (2 * units) > 0))

        common = gcd(size, units)
        reach = tuple(
            windowed(axis, dim, taps, units // common, size // common) for axis in reach
        )
    return reach


def padded(call: Call) -> Reach:
    """Padding with a constant, by reflection or replication: positions shift."""
    source = call.tensors()[0]
    pads = list(call.arguments.get("pad") or call.arguments["padding"])
    reach = call.reach(source)
    for i in range(len(pads) // 2):
        dim, before = source.ndim - 1 - i, pads[2 * i]
        if before:
            reach = slid(reach, dim, 1, 1, before)
    return reach


def shuffled(call: Call) -> Reach:
    """``pixel_shuffle`` (channels to places) and ``pixel_unshuffle`` (back)."""
    source = call.tensors()[0]
    reach = call.reach(source)
    for dim in (source.ndim - 2, source.ndim - 1):
        if call.name == "pixel_shuffle":
            factor = call["upscale_factor"]
            reach = spread(reach, dim, factor, factor, 0, 1)
        else:
            factor = call["downscale_factor"]
            reach = slid(reach, dim, factor, factor, 0)
    return reach


def patches(call: Call) -> Reach:
    """``F.unfold``: kernel positions join the channels, places become one dimension."""
    source = call.tensors()[0]
    kernel = expanded(call["kernel_size"], 2)
    stride = expanded(call["stride"], 2)
    pad = expanded(call["padding"], 2)
    dilation = expanded(call["dilation"], 2)
    reach = call.reach(source)
    counts = []
    for i in range(2):
        dim = source.ndim - 2 + i
        reach = slid(reach, dim, kernel[i], stride[i], pad[i], dilation[i])
        extent = source.shape[dim] + 2 * pad[i] - dilation[i] * (kernel[i] - 1)
        counts.append((extent - 1) // stride[i] + 1)
    batch = source.shape[:-3]
    spread_out = (*batch, call.outputs[0].shape[-2], *counts)
    return viewed(reach, spread_out, call.outputs[0].shape)


def tensor_unfold(call: Call) -> Reach:
    """``Tensor.unfold``: windows along a dimension, their content as a last one."""
    source = call["self"]
    dim = call["dimension"] % max(source.ndim, 1)
    return slid(call.reach(source), dim, call["size"], call["step"], 0)


WINDOW_RULES: dict[str, Rule] = {
    "convolution": convolution,
    "_convolution": convolution,
    "im2col": patches,
    "unfold": tensor_unfold,
    "constant_pad_nd": padded,
    "pixel_shuffle": shuffled,
    "pixel_unshuffle": shuffled,
}
WINDOW_RULES |= {
    f"{kind}_pad{n}d": padded for kind in ("reflection", "replication") for n in (1, 2)
}
WINDOW_RULES |= {
    name: pooling
    for n in (1, 2, 3)
    for name in (
        f"max_pool{n}d",
        f"max_pool{n}d_with_indices",
        f"avg_pool{n}d",
    )
}
WINDOW_RULES |= {
    name: adaptive
    for n in (1, 2, 3)
    for name in (
        f"adaptive_avg_pool{n}d",
        f"_adaptive_avg_pool{n}d",
        f"adaptive_max_pool{n}d",
    )
}
WINDOW_RULES |= {
    f"upsample_{way}": upsampling
    for way in (
        "nearest1d",
        "nearest2d",
        "_nearest_exact2d",
        "linear1d",
        "bilinear2d",
        "_bilinear2d_aa",
        "bicubic2d",
        "_bicubic2d_aa",
    )
}

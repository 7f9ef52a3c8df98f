"""Height and width on their way through a network, and where they stop to fit."""

from collections.abc import Iterable, Sequence

from torch import nn

from convatlas.errors import InputSizeError

Window = nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d
Steps = Sequence[tuple[str, Window]]


def chain(layers: nn.Module, name: str = "features") -> Steps:
    """The layers that change height or width, in order, with their dotted names.

    Args:
        layers: a chain without branches (nested ``nn.Sequential`` for example).
        name: of ``layers`` in the network.
    """
    return [
        (f"{name}.{path}", module)
        for path, module in layers.named_modules()
        if isinstance(module, Window)
    ]


def map_size(steps: Steps, input_size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the map that is left after all steps.

    Args:
        steps: (dotted name, layer) of the layers that change height or width, in the
            order of the calls; ``chain`` lists those of a network without branches.
        input_size: (height, width) of the images.

    Raises:
        InputSizeError: a window is larger than the map that arrives there; the message
            names the layer, the map and the smallest input that passes.
    """
    height, width = input_size
    for name, layer in steps:
        kernel, stride, padding, dilation = _geometry(layer)
        ceil = not isinstance(layer, nn.Conv2d) and layer.ceil_mode
        after = tuple(
            _windows(size, kernel[i], stride[i], padding[i], dilation[i], ceil)
            for i, size in enumerate((height, width))
        )
        if min(after) < 1:
            least = tuple(_smallest(steps, axis) for axis in (0, 1))
            raise InputSizeError(
                f"input {text(input_size)}: a map of {text((height, width))} arrives "
                f"at {name}, whose window of {text(kernel)} does not fit; "
                f"the input needs at least {text(least)}"
            )
        height, width = after
    return height, width


def require_size(
    input_size: tuple[int, int], allowed: Iterable[tuple[int, int]], layer: str
) -> None:
    """Refuses every input size but the allowed ones.

    Args:
        input_size: (height, width) of the images.
        allowed: the sizes that do.
        layer: dotted name of the layer that wants them.

    Raises:
        InputSizeError: with the layer, the size and the allowed ones.
    """
    sizes = list(allowed)
    if input_size not in sizes:
        raise InputSizeError(
            f"input {text(input_size)} does not fit {layer}; "
            f"it takes {' or '.join(text(size) for size in sizes)}"
        )


def text(size: Sequence[int]) -> str:
    """``(28, 28)`` as ``"28×28"``."""
    return "×".join(str(side) for side in size)


def _windows(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool
) -> int:
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (room + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= size + padding:
        return count - 1  # a window that would begin in the padding is dropped
    return count


def _smallest(steps: Steps, axis: int) -> int:
    size = 1
    while not _passes(steps, axis, size):
        size += 1
    return size


def _passes(steps: Steps, axis: int, size: int) -> bool:
    for _, layer in steps:
        kernel, stride, padding, dilation = (pair[axis] for pair in _geometry(layer))
        ceil = not isinstance(layer, nn.Conv2d) and layer.ceil_mode
        size = _windows(size, kernel, stride, padding, dilation, ceil)
        if size < 1:
            return False
    return True


def _geometry(layer: Window) -> tuple[tuple[int, int], ...]:
    """Kernel, stride, padding and dilation as (vertical, horizontal)."""
    stride = layer.kernel_size if layer.stride is None else layer.stride
    dilation = 1 if isinstance(layer, nn.AvgPool2d) else layer.dilation
    return tuple(
        _pair(value) for value in (layer.kernel_size, stride, layer.padding, dilation)
    )


def _pair(value: object) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    if isinstance(value, tuple) and len(value) == 2:
        return int(value[0]), int(value[1])
    raise TypeError(f"not a size: {value!r}")  # padding="same" is not used here

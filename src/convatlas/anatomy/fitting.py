"""Why a forward failed, in one line, and the input sizes that would do."""

import time
from math import log

import torch
from torch import nn

from convatlas.anatomy.meta import OnMeta
from convatlas.anatomy.undisturbed import undisturbed
from convatlas.anatomy.watching import Draft, Watch
from convatlas.anatomy.wording import of_module, sides
from convatlas.errors import (
    ConvatlasError,
    InputSizeError,
    NetworkError,
    close_matches,
)

SEARCH_SECONDS = 3.0
LARGEST = 1024  # side; what fits up to here is said to fit beyond
# sides that networks are made for, tried nearest first
SIDES = (
    *(1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 54, 56, 60, 64, 72, 80, 96, 112),
    *(120, 128, 144, 160, 192, 224, 227, 240, 256, 288, 299, 320, 331, 352, 384, 416),
    *(448, 480, 512, 600, 640, 768),
)
BUGS = (AttributeError, NameError, TypeError, KeyError, NotImplementedError)


def explained(
    error: Exception, watch: Watch, network: nn.Module, input: tuple[int, ...]
) -> ConvatlasError:
    """The fault in one line: the layer, what arrived, what would do.

    Args:
        error: that the forward raised.
        watch: of that forward; its open rows tell where.
        network: the same.
        input: of one picture.
    """
    if isinstance(error, ConvatlasError):
        return error
    if isinstance(error, BUGS):
        return _bug(error, watch, network)
    if watch.real:
        return NetworkError(_reason(error, watch, input))
    search = _Search(network, input)
    for channels in _channels(watch, input):
        sizes = search.sizes(channels)
        if sizes:
            return InputSizeError(f"{_reason(error, watch, input)}; {sizes} would do")
    return NetworkError(
        f"{_reason(error, watch, input)}; none of the other sizes tried does either"
    )


def fits(network: nn.Module, input: tuple[int, ...]) -> bool:
    """Whether the forward takes pictures of that size; computed on shapes alone."""
    images = torch.zeros((1, *input), device="meta")
    try:
        with undisturbed(network), OnMeta():
            network(images)
    except Exception:
        return False
    return True


def fitting_side(network: nn.Module, channels: int, near: int = 32) -> int | None:
    """The side of a square picture that the network takes, or None if none was found.

    Args:
        network: any module.
        channels: of the pictures.
        near: where the search begins.
    """
    end = time.monotonic() + SEARCH_SECONDS
    for side in sorted(SIDES, key=lambda s: abs(log(s / near))):
        if time.monotonic() > end:
            return None
        if fits(network, (channels, side, side)):
            return side
    return None


def _bug(error: Exception, watch: Watch, network: nn.Module) -> NetworkError:
    """A forward that would fail with any picture."""
    draft = next((watch.drafts[i] for i in reversed(watch.stack)), None)
    module = draft.module if draft is not None and draft.module else network
    kind = type(module).__name__
    at = f" ({draft.name})" if draft is not None and draft.name else ""
    if isinstance(error, NotImplementedError) and "forward" in str(error):
        return NetworkError(
            f"{kind}{at} has no forward: define one that takes the pictures"
        )
    text = str(error).splitlines()[0] if str(error) else ""
    hint = ""
    missing = getattr(error, "name", None)
    if isinstance(error, AttributeError) and isinstance(missing, str):
        inside = [name for name, _ in module.named_children()]
        close = close_matches(missing, inside)
        if close:
            hint = f"; did you mean {' or '.join(close)}?"
        elif inside:
            hint = f"; it has {', '.join(inside)}"
    where = f"the forward of {kind}{at} fails"
    return NetworkError(f"{where}: {type(error).__name__}: {text}{hint}")


def _reason(error: Exception, watch: Watch, input: tuple[int, ...]) -> str:
    given = f"with an input of {_x(input)}"
    draft = watch.top if watch.stack else None
    if draft is None:
        return f"the forward fails {given}: {error}"
    module = draft.module
    said = of_module(module) if module is not None else None
    label = draft.name or (type(module).__name__ if module else "the network")
    arrived = _x(draft.input[1:]) if len(draft.input) > 1 else _x(draft.input)
    complaint = _complaint(module, draft)
    if complaint:
        words = f" ({said[1]})" if said else ""
        return f"{label}{words} {complaint}, but {arrived} arrived {given}"
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else ""
    text = first_line or type(error).__name__
    return f"{label}: {arrived or 'nothing'} arrived {given}: {text}"


def _complaint(module: nn.Module | None, draft: Draft) -> str:
    """What a module of torch asks of its input, where the input breaks it."""
    shape = draft.input
    if isinstance(module, nn.Linear) and shape[-1:] != (module.in_features,):
        return f"takes {module.in_features} numbers"
    if isinstance(module, nn.modules.conv._ConvNd):
        n = len(module.kernel_size)
        if len(shape) < n + 1 or shape[-n - 1] != module.in_channels:
            return f"takes {_counted(module.in_channels, 'channel')}"
        padding = module.padding if isinstance(module.padding, tuple) else (0,) * n
        least = tuple(
            d * (k - 1) + 1 - 2 * p
            for d, k, p in zip(
                module.dilation, module.kernel_size, padding, strict=True
            )
        )
        if any(a < b for a, b in zip(shape[-n:], least, strict=True)):
            return f"needs at least {_x(least)} pixels"
    if isinstance(module, nn.modules.batchnorm._NormBase):
        if len(shape) > 1 and shape[1] != module.num_features:
            return f"takes {_counted(module.num_features, 'channel')}"
    if isinstance(module, (nn.MaxPool2d, nn.AvgPool2d)):
        return f"needs at least {_square(module.kernel_size)} pixels"
    return ""


def _channels(watch: Watch, input: tuple[int, ...]) -> list[int]:
    """Numbers of input channels to try: as given, and what the first layer takes."""
    tried = [input[0]]
    draft = watch.top if watch.stack else None
    if draft is not None and isinstance(draft.module, nn.modules.conv._ConvNd):
        if draft.input[1:] == input:
            tried.insert(0, draft.module.in_channels)
    return list(dict.fromkeys(tried + [3, 1]))


class _Search:
    """Sizes that fit, by trying."""

    def __init__(self, network: nn.Module, input: tuple[int, ...]) -> None:
        self.network = network
        self.input = input
        self.end = time.monotonic() + SEARCH_SECONDS

    def sizes(self, channels: int) -> str:
        """In words, e.g. ``"3×221×221 to 3×252×252"``; empty where none was found."""
        if len(self.input) != 3:
            return ""
        _, height, width = self.input
        if channels != self.input[0] and self._fits(channels, height, width):
            return _x((channels, height, width))
        found = []
        for side in sorted(SIDES, key=lambda s: abs(log(s / height))):
            wide = side if height == width else max(1, round(width * side / height))
            if self._fits(channels, side, wide):
                found.append((channels, side, wide))
                if height == width and len(found) == 1:
                    first, last = self._range(channels, side)
                    if last > first:
                        text = _x((channels, first, first))
                        if last >= LARGEST:
                            return f"{text} and larger"
                        return f"{text} to {_x((channels, last, last))}"
                if len(found) == 3:
                    break
            if time.monotonic() > self.end:
                break
        found.sort()
        texts = [_x(size) for size in found]
        return " or ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)

    def _range(self, channels: int, side: int) -> tuple[int, int]:
        """Sides around one that fits which fit too."""

        def good(n: int) -> bool:
            return self._fits(channels, n, n)

        low, bad = side, 0
        while low - bad > 1:
            middle = (low + bad) // 2
            low, bad = (middle, bad) if good(middle) else (low, middle)
        high, bad = side, LARGEST + 1
        if good(LARGEST):
            high = LARGEST
        while bad - high > 1:
            middle = min((high + bad) // 2, high * 2)
            high, bad = (middle, bad) if good(middle) else (high, middle)
        # some architectures take only multiples of a number: then it is no range
        for n in {low + 1, side - 1, side + 1, high - 1, (low + high) // 2}:
            if low <= n <= high and not good(n):
                return side, side
        return low, high

    def _fits(self, channels: int, height: int, width: int) -> bool:
        if time.monotonic() > self.end:
            return False
        return fits(self.network, (channels, height, width))


def _x(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _square(sizes: int | tuple[int, ...]) -> str:
    return f"{sizes}×{sizes}" if isinstance(sizes, int) else sides(sizes)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"

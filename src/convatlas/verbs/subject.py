"""The network that a user names: one of the atlas, or their own ``module:Class``."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from torch import nn

from convatlas.anatomy.building import without_numbers
from convatlas.anatomy.fitting import fitting_side
from convatlas.errors import NetworkError, UsageError, close_matches
from convatlas.networks import build, find, variants


@dataclass(frozen=True)
class Subject:
    """A network to look at.

    Attributes:
        name: as given.
        title: paper or tutorial; empty for a user's own.
        input: (channels, height, width).
        build: makes the network, freshly initialised.
    """

    name: str
    title: str
    input: tuple[int, int, int]
    build: Callable[[], nn.Module]

    def empty(self) -> nn.Module:
        """The network without numbers, for what needs shapes only."""
        return without_numbers(self.build)


def find_subject(
    name: str, input: tuple[int, ...] | None = None, classes: int | None = None
) -> Subject:
    """The network called ``name``.

    Args:
        name: of a variant, with ``:attention`` or so under a head that reads numbers,
            or ``package.module:Class``, or ``file.py:Class``: a class
            or function to be called without arguments, or a network.
        input: (channels, height, width), (height, width) or (side,); as published when
            None.
        classes: outputs; as published when None. Networks of the atlas only.

    Raises:
        UnknownName: no such variant; close ones are offered.
        UsageError: no such module or class, no input.
        NetworkError: it cannot be built so.
    """
    if not _of_atlas(name) and (":" in name or name.endswith(".py")):
        if classes is not None:
            raise UsageError(
                f"--classes is for networks of the atlas; {name} decides on its own"
            )
        return _own(name, input)
    variant = find(name)
    channels, height, width = completed(input, variant.input)

    def make() -> nn.Module:
        return build(
            name, classes=classes, in_channels=channels, input_size=(height, width)
        )

    title = f"{variant.title} ({variant.year})"
    return Subject(name, title, (channels, height, width), make)


def _of_atlas(name: str) -> bool:
    """Also of ``resnet18:attention``, a trunk of the atlas under another head."""
    return any(name.partition(":")[0] == variant.name for variant in variants())


def completed(
    input: tuple[int, ...] | None, published: tuple[int, int, int]
) -> tuple[int, int, int]:
    """An input given in part, with the rest as published."""
    if input is None:
        return published
    if len(input) == 1:
        return published[0], input[0], input[0]
    if len(input) == 2:
        return published[0], input[0], input[1]
    return input[0], input[1], input[2]


def _own(name: str, input: tuple[int, ...] | None) -> Subject:
    make = _maker(name)
    if input is not None and len(input) == 3:
        return Subject(name, "", completed(input, (0, 0, 0)), make)
    network = without_numbers(make)
    channels = _first_channels(network)
    if input is not None:
        return Subject(name, "", completed(input, (channels, 0, 0)), make)
    side = fitting_side(network, channels)
    hint = "" if side is None else f"; {channels}x{side}x{side} would do"
    raise UsageError(f"{name}: say how large its pictures are, --input CxHxW{hint}")


def _first_channels(network: nn.Module) -> int:
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            return module.in_channels
    return 3


def _maker(name: str) -> Callable[[], nn.Module]:
    where, _, attribute = name.rpartition(":")
    if not where or not attribute:
        raise UsageError(f"{name}: say which class, e.g. {name.rstrip(':')}:MyNetwork")
    found: Any = _module(where)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise UsageError(_no_such(where, part, found))
        found = getattr(found, part)
    if isinstance(found, nn.Module):
        return lambda: found
    if not callable(found):
        raise UsageError(
            f"{name} is {type(found).__name__}; a class or function that makes a "
            "network, or a network, is needed"
        )
    return lambda: _made(name, found)


def _no_such(where: str, part: str, found: Any) -> str:
    names = [
        n
        for n, value in vars(found).items()
        if inspect.isclass(value) and issubclass(value, nn.Module)
    ]
    close = close_matches(part, names) or close_matches(part, dir(found))
    hint = f"did you mean {' or '.join(close)}?" if close else ""
    if not hint and names:
        hint = f"it has {', '.join(names[:5])}"
    return f"{where} has no {part}" + (f"; {hint}" if hint else "")


def _module(where: str) -> Any:
    """An importable module (also from the current folder), or a file."""
    path = Path(where)
    if path.suffix == ".py":
        spec = spec_from_file_location(path.stem, path)
        if not path.is_file() or spec is None or spec.loader is None:
            raise UsageError(f"{where}: no such file")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        return import_module(where)
    except ModuleNotFoundError as error:
        missing = error.name or where
        if where == missing or where.startswith(f"{missing}."):
            raise UsageError(
                f"no module {missing!r} can be imported from here ({here})"
            ) from None
        raise UsageError(f"{where} imports {missing!r}, which is missing") from None
    except ValueError:
        raise UsageError(f"{where!r} is not the name of a module") from None
    finally:
        if added:
            sys.path.remove(here)


def _made(name: str, maker: Callable[[], Any]) -> nn.Module:
    try:
        inspect.signature(maker).bind()
    except TypeError as error:
        raise NetworkError(
            f"{name} cannot be made without arguments ({error}): write a function "
            "that gives them and returns the network, and name that"
        ) from None
    except ValueError:
        pass  # a maker without a signature
    network = maker()
    if not isinstance(network, nn.Module):
        raise NetworkError(
            f"{name} returns {type(network).__name__}; a torch.nn.Module is needed"
        )
    return network

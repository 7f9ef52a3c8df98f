"""The shipped recipes: TOML files, each headed by its cost and expected accuracy.

``NETWORK.DATA.toml`` is the default of a network on a data set and on one of the same
size and shape, ``NETWORK.toml`` that of a network on any other; ``tutorial-...toml``
are the tutorials' own.
"""

import json
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from convatlas.errors import RecipeError, UnknownName
from convatlas.recipe import Recipe

GENERAL = "any-network"
# As many grey pictures of 28×28 in ten classes.
LIKE = {"mnist": "fashion-mnist", "fashion-mnist": "mnist"}
ALWAYS_WRITTEN = ("epochs", "batch_size", "optimizer", "lr", "schedule")


def shipped() -> list[str]:
    """Names of all shipped recipes."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


def text_of(name: str) -> str:
    """A shipped recipe's file.

    Raises:
        UnknownName: with close matches.
    """
    if name not in shipped():
        raise UnknownName("recipe", name, shipped(), "'convatlas recipes' lists them")
    return _file(name).read_text(encoding="utf-8")


def default(network: str, data: str) -> tuple[str, Recipe]:
    """Name and values of the recipe that is used when none is asked for."""
    names = shipped()
    for name in (f"{network}.{data}", f"{network}.{LIKE.get(data)}", network):
        if name in names:
            return name, load(name)
    return GENERAL, load(GENERAL)


def load(name_or_path: str) -> Recipe:
    """A shipped recipe by name, or one from a file.

    Raises:
        RecipeError: the file is missing, no TOML, or holds unknown or bad values.
        UnknownName: neither a shipped recipe nor a TOML file's path.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise RecipeError(f"{path}: cannot be read: {reason}") from None
        return _parse(text, str(path))
    return _parse(text_of(name_or_path), name_or_path)


def as_toml(recipe: Recipe, header: str) -> str:
    """A recipe's file: the values that are not the defaults, under comments.

    Args:
        recipe: to be written.
        header: cost and expected accuracy in its first line, then how it was found.
    """
    usual = Recipe()
    lines = [f"# {line}" for line in header.splitlines()]
    for name, value in recipe.model_dump().items():
        if value != getattr(usual, name) or name in ALWAYS_WRITTEN:
            lines.append(f"{name} = {json.dumps(value)}")  # TOML writes these alike
    return "\n".join(lines) + "\n"


def _parse(text: str, source: str) -> Recipe:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{source}: is not TOML: {error}") from None
    return Recipe.checked(values, source)


def _file(name: str) -> Traversable:
    return files(__name__).joinpath(f"{name}.toml")

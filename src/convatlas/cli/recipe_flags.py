"""Every value of a recipe as a flag, and what is given in the environment."""

import os
import shlex
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from pydantic import BaseModel, Field, create_model

from convatlas.recipe import Recipe

PREFIX = "CONVATLAS_"
NAMES = tuple(Recipe.model_fields)

if TYPE_CHECKING:
    RecipeFlags = BaseModel
else:
    RecipeFlags = create_model(
        "RecipeFlags",
        **{
            name: (
                Annotated[
                    field.annotation | None, Field(description=field.description)
                ],
                None,
            )
            for name, field in Recipe.model_fields.items()
        },
    )

RecipeFlags.__doc__ = "Values that replace those of the recipe."

Flags = Annotated[RecipeFlags | None, Parameter(name="*", group="Recipe values")]


def from_flags(flags: BaseModel | None) -> dict[str, Any]:
    """The values that were given as flags."""
    return {} if flags is None else flags.model_dump(exclude_none=True)


def as_typed(values: dict[str, Any]) -> str:
    """Flags of a command line that give these values."""
    words: list[str] = []
    for name, value in values.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", str(value)]
    return shlex.join(words)


def from_environment() -> dict[str, str]:
    """The values that were given in the environment."""
    return {
        name: os.environ[PREFIX + name.upper()]
        for name in NAMES
        if PREFIX + name.upper() in os.environ
    }


def changes(flags: BaseModel | None) -> list[tuple[str, dict[str, Any]]]:
    """What replaces the recipe's values: the environment's, then the flags'."""
    return [("environment", dict(from_environment())), ("flags", from_flags(flags))]

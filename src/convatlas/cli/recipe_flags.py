"""Every value of a recipe as a flag, and what is given in the environment."""

import os
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


def from_environment() -> dict[str, str]:
    """The values that were given in the environment."""
    return {
        name: os.environ[PREFIX + name.upper()]
        for name in NAMES
        if PREFIX + name.upper() in os.environ
    }


def resolved(
    name: str | None, network: str, data: str, flags: BaseModel | None
) -> tuple[str, Recipe]:
    """The recipe to use, and where it comes from: file, then environment, then flags.

    Args:
        name: of a shipped recipe or of a file; the default one when None.
        network: whose default it is.
        data: likewise.
        flags: as given.
    """
    from convatlas import recipes

    source, recipe = (
        recipes.default(network, data) if name is None else (name, recipes.load(name))
    )
    recipe = recipe.changed(**from_environment(), source="environment")
    return source, recipe.changed(**from_flags(flags), source="flags")

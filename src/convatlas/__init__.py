"""convatlas: the classic convolutional networks, made real.

The verbs of the terminal, as functions that return typed results::

    import convatlas

    trained = convatlas.train("lenet5-tanh", "digits-5k", seed=1)
    print(convatlas.evaluate(trained.run).evaluation.accuracy)

Importing this package imports nothing heavy; each name is loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convatlas.anatomy import trace
    from convatlas.data import load as load_data
    from convatlas.data.dataset import Dataset
    from convatlas.errors import ConvatlasError
    from convatlas.networks import Variant, build, variants
    from convatlas.recipe import Recipe
    from convatlas.runs import Run
    from convatlas.spec import ImageSpec, LabelSpec
    from convatlas.verbs.evaluate import evaluate
    from convatlas.verbs.explain import explain
    from convatlas.verbs.lr_find import find_lr
    from convatlas.verbs.predict import predict
    from convatlas.verbs.read import read
    from convatlas.verbs.train import resume, train

# public name: module that has it, name there
_HOMES = {
    "ConvatlasError": ("errors", "ConvatlasError"),
    "Dataset": ("data.dataset", "Dataset"),
    "ImageSpec": ("spec", "ImageSpec"),
    "LabelSpec": ("spec", "LabelSpec"),
    "Recipe": ("recipe", "Recipe"),
    "Run": ("runs", "Run"),
    "Variant": ("networks", "Variant"),
    "build": ("networks", "build"),
    "evaluate": ("verbs.evaluate", "evaluate"),
    "explain": ("verbs.explain", "explain"),
    "find_lr": ("verbs.lr_find", "find_lr"),
    "load_data": ("data", "load"),
    "predict": ("verbs.predict", "predict"),
    "read": ("verbs.read", "read"),
    "resume": ("verbs.train", "resume"),
    "trace": ("anatomy", "trace"),
    "train": ("verbs.train", "train"),
    "variants": ("networks", "variants"),
}

__all__ = [
    "ConvatlasError",
    "Dataset",
    "ImageSpec",
    "LabelSpec",
    "Recipe",
    "Run",
    "Variant",
    "build",
    "evaluate",
    "explain",
    "find_lr",
    "load_data",
    "predict",
    "read",
    "resume",
    "trace",
    "train",
    "variants",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _HOMES[name]
    value = getattr(import_module(f"{__name__}.{module}"), there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

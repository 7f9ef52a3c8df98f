"""Where the rooms of rank 1 meet: a network, its pictures and a recipe."""

from convatlas.preparation.from_names import Changes, prepare, prepare_again
from convatlas.preparation.prepared import Prepared

__all__ = ["Changes", "Prepared", "prepare", "prepare_again"]

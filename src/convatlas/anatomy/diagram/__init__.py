"""A network drawn as the papers draw it: volumes to scale, branches, skips."""

from convatlas.anatomy.diagram.drawing import draw

__all__ = ["draw"]

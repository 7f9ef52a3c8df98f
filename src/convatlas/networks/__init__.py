"""The networks of the atlas: one file per family, each variant under its own name.

``build("lenet5-tanh")`` gives a network, ``find`` its description, ``variants`` all of
them. Importing this package registers every variant.
"""

from convatlas.networks import lenet, mnist_cnn  # noqa: F401 (they register)
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, build, find, variants

__all__ = ["Network", "Variant", "build", "find", "variants"]

"""The networks of the atlas: one file per family, each variant under its own name.

``build("lenet5-tanh")`` gives a network, ``find`` its description, ``variants`` all of
them; ``carry`` puts a head for house numbers onto any of them. Importing this package
registers every variant.

The docstring of a family's module holds a table of each variant, and a test compares
every row with the traced network. The form, columns at least two blanks apart::

    lenet5-tanh, input 1×28×28
    name            operation           output  parameters     MACs  field
    features.conv1  conv 1→6 k5 p2     6×28×28         156  117,600      5
    features        -                 120×1×1       50,692  ...         32
    total           -                       10      61,706  416,520      -

* The first line names one variant or several that share the table, with commas.
* ``name`` is the dotted path of a module, a layer or a whole block; parameters and MACs
  of a block are those of everything inside. ``total`` is the network.
* ``operation`` is written as ``convatlas show`` prints it, ``-`` for a block.
* ``output`` is C×H×W; ``field`` the side of the receptive field in pixels (height×width
  where they differ), ``all`` where a unit sees everything.
* Deep networks list blocks, as their paper's table does. ``python
  scripts/docstring_table.py NAME`` prints a table to begin with.
"""

from convatlas.networks import (  # noqa: F401 (they register)
    alexnet,
    alexnet_gray,
    densenet,
    densenet_tutorials,
    goodfellow,
    googlenet,
    googlenet_bn,
    googlenet_tutorials,
    googlenet_tv,
    inception_resnet,
    inception_v3,
    inception_v4,
    lenet,
    lenet_1998,
    mnist_cnn,
    nin,
    preact_resnet,
    resnet,
    resnet_cifar,
    resnet_tutorials,
    resnet_v1,
    street,
    vgg,
    vgg_gray,
)
from convatlas.networks.heads import carry
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, build, find, variants

__all__ = ["Network", "Variant", "build", "carry", "find", "variants"]

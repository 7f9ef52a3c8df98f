"""The networks of the atlas: one file per family, each variant under its own name.

``build("lenet5-tanh")`` gives a network, ``find`` its description, ``variants`` all of
them. ``carry`` puts a head for house numbers onto any of them, and so does a name such
as ``"resnet18:attention"``. Importing this package registers every variant.

The docstring of a family's module holds a table of each variant, and a test compares
every row with the traced network. The form, columns at least two blanks apart::

    vgg16, input 3×224×224
    name             operation          output   parameters            MACs  field
    features.block1  -              64×112×112       38,720   1,936,392,192      6
    head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
    total            -                    1000  138,357,544  15,470,264,320      -

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
    densenet_cifar,
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
    number_reader,
    preact_resnet,
    resnet,
    resnet_cifar,
    resnet_tutorials,
    resnet_v1,
    street,
    vgg,
    vgg_gray,
)
from convatlas.networks.network import Network
from convatlas.networks.number_heads import carry
from convatlas.networks.registry import Variant, build, find, variants

__all__ = ["Network", "Variant", "build", "carry", "find", "variants"]

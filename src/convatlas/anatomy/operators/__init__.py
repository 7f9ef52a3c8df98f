"""The operators of convolutional networks, each written out plainly in NumPy.

Slow and exact: to be read, and to test others against. Nothing here is vectorised
where a loop says more.
"""

from convatlas.anatomy.operators.convolution import (
    conv,
    corr2d,
    one_by_one,
    transposed_conv,
    true_convolution,
)
from convatlas.anatomy.operators.dropping import dropout, dropout_mask
from convatlas.anatomy.operators.normalisation import (
    BatchStatistics,
    batch_norm_eval,
    batch_norm_train,
    layer_norm,
)
from convatlas.anatomy.operators.penalties import (
    l1_gradient,
    l1_penalty,
    l2_gradient,
    l2_penalty,
)
from convatlas.anatomy.operators.pooling import average_pool, max_pool
from convatlas.anatomy.operators.updates import Adam, AdamState, Sgd, SgdState

__all__ = [
    "Adam",
    "AdamState",
    "BatchStatistics",
    "Sgd",
    "SgdState",
    "average_pool",
    "batch_norm_eval",
    "batch_norm_train",
    "conv",
    "corr2d",
    "dropout",
    "dropout_mask",
    "l1_gradient",
    "l1_penalty",
    "l2_gradient",
    "l2_penalty",
    "layer_norm",
    "max_pool",
    "one_by_one",
    "transposed_conv",
    "true_convolution",
]

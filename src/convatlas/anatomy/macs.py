"""Multiply-accumulates of the operations that have any, from their shapes.

Convolutions and matrix products are counted, as everywhere in the literature; biases,
normalisation, pooling and activations are not. One multiply-accumulate is two
floating-point operations (FLOPs).
"""

from collections.abc import Callable
from math import prod

from convatlas.anatomy.call import Call


def convolution(call: Call) -> int:
    """Each output number costs one kernel; transposed, each input number does."""
    weight = call.shape("weight")
    places = call.shape("input") if call["transposed"] else call.outputs[0].shape
    return int(places[0] * prod(places[2:]) * prod(weight))


def product(call: Call) -> int:
    """m×k times k×n, for each matrix of a batch."""
    left, right = call.shape("self"), call.shape("mat2")
    return prod(left) * right[-1]


def added_product(call: Call) -> int:
    """The same with something added, which costs no multiplication."""
    names = [n for n in ("mat1", "mat2", "batch1", "batch2") if n in call.arguments]
    return prod(call.shape(names[0])) * call.shape(names[1])[-1]


def vector_product(call: Call) -> int:
    """A matrix or vector times a vector."""
    return prod(call.tensors()[0].shape)


def attention(call: Call) -> int:
    """Queries times keys, and the result times values."""
    query, key, value = (call.shape(name) for name in ("query", "key", "value"))
    scores = prod(query[:-1]) * key[-2]
    return scores * (query[-1] + value[-1])


MACS: dict[str, Callable[[Call], int]] = {
    "convolution": convolution,
    "_convolution": convolution,
    "mm": product,
    "bmm": product,
    "addmm": added_product,
    "baddbmm": added_product,
    "mv": vector_product,
    "dot": vector_product,
}
MACS |= {
    f"_scaled_dot_product_{way}": attention
    for way in (
        *("flash_attention", "flash_attention_for_cpu", "efficient_attention"),
        *("fused_attention_overrideable", "cudnn_attention", "attention_math"),
    )
}

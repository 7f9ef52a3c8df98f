"""Smaller models: weights of half the size, or integers throughout."""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from convatlas.exporting.onnx_file import INPUT, Written
from convatlas.onnx_runtime import load

if TYPE_CHECKING:
    import onnx

Precision = Literal["float32", "fp16", "int8"]

HALF_FROM = 256  # values; what is smaller stays as it is
MOST_HALF = 65504.0  # the largest value that fp16 has
CALIBRATED_AT_ONCE = 32
# what ONNX Runtime computes in integers on a CPU and what passes integers on
INTEGER = ("Conv", "Gemm", "MatMul", "Add", "Relu", "MaxPool", "Concat", "Flatten")


def half(written: Written) -> "onnx.ModelProto":
    """Weights as fp16 in the file, float32 in memory: half the size, the same speed.

    Processors compute nothing faster in fp16 with ONNX Runtime; it turns the weights
    back once, when it loads the file. Vectors (biases, norms) stay as they are.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.ModelProto()
    model.CopyFrom(written.model)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < HALF_FROM or np.abs(values).max() > MOST_HALF:
            continue
        name = tensor.name
        stored = f"{name}.fp16"
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(
            onnx.helper.make_node(
                "Cast", [stored], [name], f"{name}.cast", to=onnx.TensorProto.FLOAT
            )
        )
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def integers(written: Written, pictures: Tensor) -> "onnx.ModelProto":
    """Static int8: the features' convolutions and dense layers in integers.

    Weights have a scale for each channel and seven bits: processors without VNNI add
    pairs of products in 16 bits, where eight would overflow.

    Args:
        written: in float32.
        pictures: N C H W, uint8, as the model takes them; from training pictures. The
            ranges of all activations are those that occur on them.
    """
    import onnx

    load()  # before what belongs to it
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    log = logging.getLogger()
    level = log.level
    log.setLevel(logging.ERROR)  # it advises what was done already
    try:
        with tempfile.TemporaryDirectory() as folder:
            ready, done = Path(folder, "ready.onnx"), Path(folder, "int8.onnx")
            # torch has folded the norms already; an optimiser would rename the nodes
            quant_pre_process(
                written.model, ready, skip_symbolic_shape=True, skip_optimization=True
            )
            quantize_static(
                ready,
                done,
                _Pictures(pictures),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(INTEGER),
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=list(written.delicate),
            )
            model = onnx.load(done)
    finally:
        log.setLevel(level)
    del model.metadata_props[:]
    model.metadata_props.extend(written.model.metadata_props)
    return model


class _Pictures:
    """What ``quantize_static`` takes for a reader of calibration data."""

    def __init__(self, pictures: Tensor) -> None:
        self._batches: Iterator[Tensor] = iter(
            torch.split(pictures, CALIBRATED_AT_ONCE)
        )

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch.numpy()}

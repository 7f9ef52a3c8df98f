"""What units see after operations that mix them: products, sums, softmax, attention."""

from torch import Tensor

from convatlas.anatomy.axis import EVERYTHING, Reach, moved, united
from convatlas.anatomy.call import Call, Rule, positive
from convatlas.anatomy.views import elementwise, mixed, summed


def product(call: Call, left: Tensor, right: Tensor) -> Reach:
    """A matrix product, batched or not: rows of one with columns of the other."""
    n = left.ndim
    shape = (*left.shape[:-1], right.shape[-1])
    rows = summed(call.reach(left), {n - 1}, left.shape, keep=True)
    columns = summed(call.reach(right), {n - 2}, right.shape, keep=True)
    return tuple(
        united(a, b, lambda d: shape[d]) for a, b in zip(rows, columns, strict=True)
    )


def matrix_product(call: Call) -> Reach:
    """``mm`` and ``bmm``."""
    return product(call, call["self"], call["mat2"])


def added_product(call: Call) -> Reach:
    """``addmm`` and ``baddbmm``; what is added must see nothing new."""
    second = "mat1" if "mat1" in call.arguments else "batch1"
    third = "mat2" if "mat2" in call.arguments else "batch2"
    result = product(call, call[second], call[third])
    shift = call.outputs[0].ndim - call["self"].ndim
    added = [moved(a, lambda d: d + shift) for a in call.reach(call["self"])]
    shape = call.outputs[0].shape
    return tuple(
        united(a, b, lambda d: int(shape[d]))
        for a, b in zip(result, added, strict=True)
    )


def vector_product(call: Call) -> Reach:
    """``mv`` and ``dot``: everything along the last dimension is summed."""
    tensors = call.tensors()
    reaches = [summed(call.reach(t), {t.ndim - 1}, t.shape, False) for t in tensors]
    shape = call.outputs[0].shape
    return tuple(
        united(a, b, lambda d: int(shape[d])) for a, b in zip(*reaches, strict=True)
    )


def attention(call: Call) -> Reach:
    """Scaled dot products: a query, and all keys and values."""
    result = call.reach(call["query"])
    for name in ("key", "value"):
        tensor = call[name]
        seen = summed(call.reach(tensor), {tensor.ndim - 2}, tensor.shape, True)
        result = tuple(
            EVERYTHING if b.everything else united(a, b, lambda d: 1)
            for a, b in zip(result, seen, strict=True)
        )
    return result


def reduction(call: Call) -> Reach:
    """``mean``, ``sum``, ``amax`` ... over some dimensions or all."""
    if "other" in call.arguments:
        return elementwise(call)
    source = call.tensors()[0]
    given = call.arguments.get("dim")
    dims = [] if given is None else [given] if isinstance(given, int) else list(given)
    which = {positive(d, source.ndim) for d in dims} or set(range(source.ndim))
    keep = bool(call.arguments.get("keepdim"))
    return summed(call.reach(source), which, source.shape, keep)


def normalised(call: Call) -> Reach:
    """``softmax`` and ``cumsum``: units along a dimension see each other."""
    source = call.tensors()[0]
    dim = positive(call["dim"], source.ndim)
    return summed(call.reach(source), {dim}, source.shape, keep=True)


def picked(call: Call) -> Reach:
    """``index``, ``gather``: exact only along dimensions that carry nothing."""
    source = call.tensors()[0]
    if call.name == "index":
        used = {d for d, i in enumerate(call["indices"]) if i is not None}
    else:
        used = {positive(call["dim"], source.ndim)}
    reach = call.reach(source)
    same_rank = call.outputs[0].ndim == source.ndim
    if same_rank and not any(axis.dims & used for axis in reach):
        return reach
    return mixed(call)


MIXING_RULES: dict[str, Rule] = {
    "mm": matrix_product,
    "bmm": matrix_product,
    "addmm": added_product,
    "baddbmm": added_product,
    "mv": vector_product,
    "dot": vector_product,
    "_softmax": normalised,
    "_log_softmax": normalised,
    "cumsum": normalised,
    "cumprod": normalised,
    "index": picked,
    "gather": picked,
    "index_select": picked,
    "where": elementwise,
}
MIXING_RULES |= {
    name: reduction
    for name in (
        *("mean", "sum", "amax", "amin", "max", "min", "var", "std", "prod", "norm"),
        *("linalg_vector_norm", "logsumexp", "var_mean", "std_mean", "argmax"),
    )
}
MIXING_RULES |= {
    f"_scaled_dot_product_{way}": attention
    for way in (
        *("flash_attention", "flash_attention_for_cpu", "efficient_attention"),
        *("fused_attention_overrideable", "cudnn_attention", "attention_math"),
    )
}
MIXING_RULES |= dict.fromkeys(
    (
        *("sort", "topk", "grid_sampler_2d", "col2im", "as_strided", "scatter"),
        *("scatter_add", "_fft_r2c", "_fft_c2c", "_fft_c2r"),
        *("embedding", "repeat_interleave", "im2col_backward"),
    ),
    mixed,
)

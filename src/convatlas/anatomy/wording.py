"""Operations in short: ``conv 1→6 k5 s4 p2 g2 d2``, ``max 3/2``, ``fc 400→120``."""

from typing import Any

from torch import nn

from convatlas.anatomy.call import Call, expanded
from convatlas.anatomy.table import Kind

Wording = tuple[Kind, str]

# functions that are known by another word
WORDS: dict[str, Wording] = {
    "cat": ("join", "concat"),
    "stack": ("join", "stack"),
    "add": ("join", "add"),
    "sub": ("join", "subtract"),
    "mul": ("join", "multiply"),
    "div": ("join", "divide"),
    "where": ("join", "choose"),
    "setitem": ("join", "write"),
    "getitem": ("reshape", "pick"),
    "copy": ("join", "write"),
    "mean": ("pool", "mean"),
    "matmul": ("matmul", "matmul"),
    "bmm": ("matmul", "matmul"),
    "einsum": ("matmul", "einsum"),
    "scaled_dot_product_attention": ("matmul", "attention"),
    "multi_head_attention_forward": ("matmul", "attention"),
    "interpolate": ("reshape", "resize"),
    "pad": ("reshape", "pad"),
    "dropout": ("dropout", "dropout"),
    "batch_norm": ("norm", "bn"),
    "layer_norm": ("norm", "ln"),
    "group_norm": ("norm", "gn"),
    "instance_norm": ("norm", "in"),
    "local_response_norm": ("norm", "lrn"),
}
ALIASES = {
    "concat": "cat",
    "concatenate": "cat",
    "iadd": "add",
    "radd": "add",
    "isub": "sub",
    "rsub": "sub",
    "subtract": "sub",
    "imul": "mul",
    "rmul": "mul",
    "multiply": "mul",
    "idiv": "div",
    "itruediv": "div",
    "truediv": "div",
    "divide": "div",
    "max_pool2d_with_indices": "max_pool2d",
}
ACTIVATIONS = frozenset(
    "relu relu6 leaky_relu prelu elu selu celu gelu silu mish sigmoid tanh softplus "
    "hardtanh hardswish hardsigmoid logsigmoid softsign tanhshrink threshold softmax "
    "log_softmax softmin softmax2d hardshrink softshrink glu rrelu clamp".split()
)
NORMS: dict[type[nn.Module], str] = {
    nn.BatchNorm1d: "bn",
    nn.BatchNorm2d: "bn",
    nn.BatchNorm3d: "bn",
    nn.SyncBatchNorm: "bn",
    nn.LayerNorm: "ln",
    nn.InstanceNorm1d: "in",
    nn.InstanceNorm2d: "in",
}


def sides(values: Any) -> str:
    """``"3"`` for a square, ``"3×5"`` otherwise."""
    given = tuple(values) if isinstance(values, (tuple, list)) else (values,)
    return str(given[0]) if len(set(given)) == 1 else "×".join(map(str, given))


def conv_text(
    channels: tuple[int, int],
    kernel: Any,
    stride: Any = 1,
    padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
    transposed: bool = False,
) -> str:
    """``conv 3→64 k7 s2 p3``, what is 1 or 0 left out."""
    parts = ["transposed conv" if transposed else "conv"]
    parts += [f"{channels[0]}→{channels[1]}", f"k{sides(kernel)}"]
    parts += [f"s{sides(stride)}"] if sides(stride) != "1" else []
    parts += [f"p{sides(padding)}"] if sides(padding) != "0" else []
    parts += [f"g{groups}"] if groups > 1 else []
    parts += [f"d{sides(dilation)}"] if sides(dilation) != "1" else []
    return " ".join(parts)


def pool_text(
    word: str, kernel: Any, stride: Any, padding: Any = 0, dilation: Any = 1
) -> str:
    """``max 3/2 p1``: kernel, stride, padding."""
    parts = [f"{word} {sides(kernel)}/{sides(stride)}"]
    parts += [f"p{sides(padding)}"] if sides(padding) != "0" else []
    parts += [f"d{sides(dilation)}"] if sides(dilation) != "1" else []
    return " ".join(parts)


def share(p: float) -> str:
    """A probability without its zero: ``.5``."""
    text = f"{p:g}"
    return text.removeprefix("0") if text != "0" else text


def of_call(call: Call) -> Wording | None:
    """What an aten operation is, if it is one of those that give a layer its name."""
    name = call.name
    if name in ("convolution", "_convolution"):
        weight, groups = call.shape("weight"), call["groups"]
        n = len(weight) - 2
        channels = (weight[1] * groups, weight[0])
        if call["transposed"]:
            channels = (weight[0], weight[1] * groups)
        sizes = [expanded(call[k], n) for k in ("stride", "padding", "dilation")]
        stride, padding, dilation = sizes
        return "conv", conv_text(
            channels, weight[2:], stride, padding, groups, dilation, call["transposed"]
        )
    if name in ("addmm", "mm"):
        right = call.shape("mat2")
        if any(not axis.blind for axis in call.reach(call["mat2"])):
            return "matmul", "matmul"
        return "fc", f"fc {right[0]}→{right[1]}"
    if name == "mean" and call["self"].ndim == 4:
        dims = call.arguments.get("dim") or ()
        if {d % 4 for d in dims} == {2, 3}:
            return "pool", "global avg"
    if "pool" in name and not name.endswith("backward"):
        return "pool", _pool_of_call(call)
    return None


def _pool_of_call(call: Call) -> str:
    word = "max" if "max_pool" in call.name else "avg"
    if "adaptive" in call.name:
        sizes = tuple(call["output_size"])
        if set(sizes) == {1}:
            return f"global {word}"
        return f"adaptive {word} {sides(sizes)}"
    kernel = call["kernel_size"]
    stride, padding = call["stride"] or kernel, call["padding"]
    return pool_text(word, kernel, stride, padding, call.arguments.get("dilation", 1))


def plain_name(function: str) -> str:
    """A function of torch without underscores: ``"__iadd__"`` is ``"add"``."""
    name = function.strip("_")
    return ALIASES.get(name, name)


def of_function(name: str) -> Wording:
    """What a function of torch is, by its plain name."""
    if name in WORDS:
        return WORDS[name]
    if name in ACTIVATIONS:
        return "activation", name.replace("_", " ")
    if "pool" in name:
        return "pool", name.replace("_", " ")
    return "other", name.replace("_", " ")


def of_row(
    module: nn.Module | None, name: str, found: list[Wording], computed: int
) -> Wording:
    """The words for a row.

    Args:
        module: that was called; None for a function.
        name: of the function.
        found: what its operations are.
        computed: how many operations there were.
    """
    heavy = list(dict.fromkeys(w for w in found if w[0] in ("conv", "fc", "matmul")))
    if module is not None:
        said = of_module(module)
        if said is not None:
            return said
        if len(heavy) == 1:
            return heavy[0]
        if len(found) == 1 and computed == 1:
            return found[0]
        return (heavy[0][0] if heavy else "other"), type(module).__name__
    if len(found) == 1 and computed == 1:
        return found[0]
    if name in WORDS or not heavy or len(heavy) > 1:
        return of_function(name)
    return heavy[0]


def of_module(module: nn.Module) -> Wording | None:
    """What a module is, if it is one of torch's own or says it in ``operation``."""
    said = getattr(module, "operation", None)
    if isinstance(said, str):
        return _kind_of(said), said
    kind = type(module)
    name = kind.__name__
    if isinstance(module, nn.Linear):
        return "fc", f"fc {module.in_features}→{module.out_features}"
    if isinstance(module, nn.modules.conv._ConvNd):
        return "conv", _conv_module_text(module)
    if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)):
        kernel, stride = module.kernel_size, module.stride
        return "pool", pool_text("max", kernel, stride, module.padding, module.dilation)
    if isinstance(module, (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)):
        return "pool", pool_text(
            "avg", module.kernel_size, module.stride, module.padding
        )
    if isinstance(module, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout)):
        return "dropout", f"dropout {share(module.p)}"
    if isinstance(module, nn.LocalResponseNorm):
        return "norm", f"lrn {module.size}"
    if isinstance(module, nn.GroupNorm):
        return "norm", f"gn {module.num_groups}"
    for known, word in NORMS.items():
        if isinstance(module, known):
            return "norm", word
    if kind.__module__.startswith("torch.nn.modules.activation"):
        if isinstance(module, nn.MultiheadAttention):
            return "matmul", f"attention {module.embed_dim} h{module.num_heads}"
        return "activation", _spaced(name)
    if isinstance(module, nn.Identity):
        return "other", "identity"
    if isinstance(module, nn.Flatten):
        return "reshape", "flatten"
    if isinstance(module, nn.Upsample):
        factor = module.scale_factor
        return "reshape", f"resize {module.mode}" + (f" ×{factor:g}" if factor else "")
    if name in ("Add", "Sum"):
        return "join", "add"
    if name in ("Concat", "Cat", "Concatenate"):
        return "join", "concat"
    if name == "Stack":
        return "join", "stack"
    return None


def _conv_module_text(module: nn.modules.conv._ConvNd) -> str:
    padding: Any = module.padding
    if isinstance(padding, str):  # "valid", or "same": what keeps the size
        pairs = zip(module.kernel_size, module.dilation, strict=True)
        same = tuple(d * (k - 1) // 2 for k, d in pairs)
        padding = 0 if padding == "valid" else same
    text = conv_text(
        (module.in_channels, module.out_channels),
        module.kernel_size,
        module.stride,
        padding,
        module.groups,
        module.dilation,
        module.transposed,
    )
    return text if module.padding_mode == "zeros" else f"{text} {module.padding_mode}"


def _spaced(name: str) -> str:
    known = {"ReLU": "relu", "PReLU": "prelu", "LeakyReLU": "leaky relu"}
    return known.get(name, name.lower())


def _kind_of(text: str) -> Kind:
    word = text.split()[0] if text.split() else ""
    words: dict[str, Kind] = {
        "conv": "conv",
        "local": "conv",
        "transposed": "conv",
        "fc": "fc",
        "rbf": "fc",
        "max": "pool",
        "avg": "pool",
        "global": "pool",
        "subsample": "pool",
        "add": "join",
        "concat": "join",
        "dropout": "dropout",
        "flatten": "reshape",
        "bn": "norm",
        "lrn": "norm",
    }
    return words.get(word, "activation" if word in ACTIVATIONS else "other")

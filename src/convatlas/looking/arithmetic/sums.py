"""Weighted sums: convolution, dense layers, distances to codes, attention."""

from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.looking.arithmetic.value import Grid, Step, Term, within
from convatlas.looking.wording import Text, short

Unit = tuple[int, ...]
Convolution = nn.Conv1d | nn.Conv2d


def grid(values: Tensor) -> Grid:
    """H W as tuples."""
    return tuple(tuple(row) for row in values.tolist())


def convolution(module: Convolution, image: Tensor, unit: Unit) -> Step:
    """Of the padded patches of all channels of the unit's group with its filter.

    Args:
        module: over one or two axes.
        image: C H W, or C W.
        unit: channel, then a place along each axis.
    """
    weight = module.weight.detach().double()
    flat = weight.ndim == 3
    if flat:
        image, weight = image.unsqueeze(1), weight.unsqueeze(2)
    filter, *place = unit
    y, x = place if not flat else (0, *place)
    height, width = image.shape[1:]
    strides = (1, *module.stride) if flat else module.stride
    dilations = (1, *module.dilation) if flat else module.dilation
    pads = _padding(module)
    mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
    padded = F.pad(image.double()[None], pads, mode=mode)[0]
    rows, columns = (
        [at * stride + tap * dilation for tap in range(taps)]
        for at, stride, dilation, taps in zip(
            (y, x), strides, dilations, weight.shape[2:], strict=True
        )
    )
    group = filter // (module.out_channels // module.groups)
    first = group * weight.shape[1]
    patches = padded[first : first + weight.shape[1]][:, rows][:, :, columns]
    products = patches * weight[filter]
    rows, columns = [r - pads[2] for r in rows], [c - pads[0] for c in columns]
    terms = tuple(
        Term(
            channel=first + i,
            rows=tuple(rows),
            columns=tuple(columns),
            patch=grid(patches[i]),
            kernel=grid(weight[filter, i]),
            sum=float(products[i].sum()),
        )
        for i in range(len(patches))
    )
    bias = None if module.bias is None else float(module.bias[filter])
    total = float(products.sum()) + (bias or 0.0)
    sides = "×".join(map(str, weight.shape[2 + flat :]))
    return Step(
        kind="conv",
        total=total,
        terms=terms,
        bias=bias,
        formula=_sum_formula(total, products.numel(), bias),
        text=Text(
            f"The {sides} patch of {_channels(len(terms))} times the filter's kernel: "
            f"{products.numel()} products{_and_bias(bias)} make {short(total)}.",
            f"{len(terms)} 个通道各取 {sides} 的区域，与卷积核相乘："
            f"{products.numel()} 个乘积之和{_and_bias_zh(bias)}得 {short(total)}。",
        ),
        region=within(rows, columns, height, width),
    )


def dense(
    module: nn.Linear,
    vector: Tensor,
    unit: Unit,
    shape: tuple[int, int, int] | None = None,
) -> Step:
    """All numbers of a vector with the unit's weights.

    Args:
        module: that has the weights.
        vector: the input of one picture; its last dimension is multiplied.
        unit: its last number is the output's; those before choose a vector.
        shape: (channels, height, width) of the map that was flattened into the vector.
    """
    *before, output = unit
    values = vector[tuple(before)].double()
    weights = module.weight[output].detach().double()
    bias = None if module.bias is None else float(module.bias[output])
    if shape is None:
        shape = (len(values), 1, 1)
    patches, kernels = values.reshape(*shape), weights.reshape(*shape)
    terms = tuple(
        Term(
            channel=i,
            rows=tuple(range(shape[1])),
            columns=tuple(range(shape[2])),
            patch=grid(patches[i]),
            kernel=grid(kernels[i]),
            sum=float((patches[i] * kernels[i]).sum()),
        )
        for i in range(shape[0])
    )
    total = float(values @ weights) + (bias or 0.0)
    return Step(
        kind="fc",
        total=total,
        terms=terms,
        bias=bias,
        formula=_sum_formula(total, len(values), bias),
        text=Text(
            f"Each of the {len(values)} numbers before times its weight"
            f"{_and_bias(bias)}: together {short(total)}.",
            f"前一层的 {len(values)} 个数各乘以权重{_and_bias_zh(bias) or '，'}"
            f"共得 {short(total)}。",
        ),
        region=(0, 0, shape[1] - 1, shape[2] - 1) if shape[1] * shape[2] > 1 else None,
    )


def distances(codes: Tensor, vector: Tensor, unit: Unit) -> Step:
    """Minus the squared distance of a vector to a class's code (LeCun et al. 1998)."""
    values, code = vector.double(), codes[unit[-1]].double()
    squares = -(values - code).square()
    terms = tuple(
        Term(i, (0,), (0,), ((v,),), ((c,),), s)
        for i, (v, c, s) in enumerate(
            zip(values.tolist(), code.tolist(), squares.tolist(), strict=True)
        )
    )
    total = float(squares.sum())
    return Step(
        kind="fc",
        total=total,
        terms=terms,
        formula=Text(
            f"{short(total)} = −Σ of {len(values)} squares (x − code)²",
            f"{short(total)} = −{len(values)} 个平方之和 (x − 编码)²",
        ),
        text=Text(
            f"Minus the squared distance of {len(values)} numbers to the class's code.",
            f"{len(values)} 个数与该类编码之间距离平方的相反数。",
        ),
    )


def attention(images: Tensor, scores: Tensor, unit: Unit) -> Step:
    """A channel's mean, weighted by the softmax of one digit's scores.

    Args:
        images: C H W.
        scores: D H W.
        unit: (digit, channel).
    """
    digit, channel = unit
    weights = scores[digit].double().flatten().softmax(0).reshape(scores.shape[1:])
    patch = images[channel].double()
    total = float((patch * weights).sum())
    height, width = patch.shape
    term = Term(
        channel=channel,
        rows=tuple(range(height)),
        columns=tuple(range(width)),
        patch=grid(patch),
        kernel=grid(weights),
        sum=total,
    )
    y, x = divmod(int(weights.argmax()), width)
    most = float(weights.max())
    return Step(
        kind="attention",
        total=total,
        terms=(term,),
        formula=Text(
            f"{short(total)} = Σ {patch.numel()} values × attention",
            f"{short(total)} = Σ {patch.numel()} 个值 × 注意力",
        ),
        text=Text(
            f"Channel {channel} averaged over the map, weighted by where digit "
            f"{digit + 1} is looked for; the most, {most:.0%}, lies on row {y}, column "
            f"{x}.",
            f"第 {channel} 通道在整张图上的加权平均，"
            f"权重为第 {digit + 1} 位数字的注意力；"
            f"最大的 {most:.0%} 位于第 {y} 行第 {x} 列。",
        ),
        region=(0, 0, height - 1, width - 1),
    )


def _padding(module: Convolution) -> tuple[int, int, int, int]:
    """Left, right, top, bottom."""
    twice = (*module._reversed_padding_repeated_twice, 0, 0)
    return twice[0], twice[1], twice[2], twice[3]


def _sum_formula(total: float, products: int, bias: float | None) -> Text:
    en, zh = (
        f"{short(total)} = Σ {products} {word}" for word in ("products", "个乘积")
    )
    if bias is None:
        return Text(en, zh)
    sign, size = "−" if bias < 0 else "+", short(abs(bias))
    return Text(f"{en} {sign} bias {size}", f"{zh} {sign} 偏置 {size}")


def _channels(count: int) -> str:
    return "the one channel" if count == 1 else f"each of {count} channels"


def _and_bias(bias: float | None) -> str:
    return "" if bias is None else f" and the bias {short(bias)}"


def _and_bias_zh(bias: float | None) -> str:
    return "" if bias is None else f"，加偏置 {short(bias)}，"

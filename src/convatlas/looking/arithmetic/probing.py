"""Operations that nothing is known about: what a value depends on, by gradients.

Where the gradients of a value are the same at several random inputs, the operation is
a weighted sum there and the gradients are its weights; a single weight of one is a
copy. Elsewhere the inputs that moved the value at any of the points are told.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from convatlas.looking.arithmetic.sums import grid
from convatlas.looking.arithmetic.value import Box, Step, Term
from convatlas.looking.wording import Text, added, short

POINTS = 6  # random inputs; two equal maxima of four are then mistaken once in 4^6
CLOSE = 1e-4  # of the largest weight
Function = Callable[..., Tensor]  # tensors of a batch of one to the output


def probed(
    function: Function,
    inputs: Sequence[Tensor],
    sources: Sequence[str | None],
    unit: tuple[int, ...],
    operation: str,
) -> Step:
    """What was done for one unit, whatever the operation is.

    Args:
        function: of the inputs.
        inputs: that depend on the picture, each of a batch of one.
        sources: the layers that they come from.
        unit: of the output of that one picture.
        operation: in words.
    """
    value, weights = _weights(function, inputs, unit)
    steady = [True] * len(inputs)
    touched = [w != 0 for w in weights]
    random = torch.Generator().manual_seed(0)
    for _ in range(POINTS):
        moved = [_moved(x, random) for x in inputs]
        _, others = _weights(function, moved, unit)
        touched = [t | (o != 0) for t, o in zip(touched, others, strict=True)]
        steady = [
            s and torch.allclose(o, w, rtol=CLOSE, atol=CLOSE * float(w.abs().max()))
            for s, w, o in zip(steady, weights, others, strict=True)
        ]
    if all(steady):
        return _weighted(value, inputs, weights, sources)
    # a product is a weighted sum of one side, if the other is held fast
    if len(inputs) == 2 and _is_sum_of(function, inputs, weights, unit):
        return _weighted(value, inputs[:1], weights[:1], sources[:1])
    return _unknown(value, inputs, touched, sources, operation)


def _weights(
    function: Function, inputs: Sequence[Tensor], unit: tuple[int, ...]
) -> tuple[float, list[Tensor]]:
    with torch.enable_grad():
        given = [x.detach().clone().requires_grad_() for x in inputs]
        output = function(*given)
        shape = output.shape[1:] if len(output.shape) == len(unit) + 1 else output.shape
        value = output.reshape(shape)[unit]
        if not value.requires_grad:
            return float(value), [torch.zeros_like(x) for x in inputs]
        found = torch.autograd.grad(value, given, allow_unused=True)
    pairs = zip(inputs, found, strict=True)
    weights = [torch.zeros_like(x) if g is None else g for x, g in pairs]
    return float(value.detach()), weights


def _moved(x: Tensor, random: torch.Generator) -> Tensor:
    noise = torch.randn(x.shape, generator=random, dtype=x.dtype)
    return x.mean() + noise * (x.std(correction=0) + 1.0)


def _is_sum_of(
    function: Function,
    inputs: Sequence[Tensor],
    weights: Sequence[Tensor],
    unit: tuple[int, ...],
) -> bool:
    random = torch.Generator().manual_seed(1)
    for _ in range(POINTS):
        _, others = _weights(function, [_moved(inputs[0], random), inputs[1]], unit)
        most = float(weights[0].abs().max())
        if not torch.allclose(others[0], weights[0], rtol=CLOSE, atol=CLOSE * most):
            return False
    return True


def _weighted(
    value: float,
    inputs: Sequence[Tensor],
    weights: Sequence[Tensor],
    sources: Sequence[str | None],
) -> Step:
    products = [x.double() * w.double() for x, w in zip(inputs, weights, strict=True)]
    summed = sum(float(p.sum()) for p in products)
    bias = value - summed
    scale = sum(float(p.abs().sum()) for p in products) + abs(value)
    constant = bias if abs(bias) > CLOSE * scale else None
    count = sum(int((w != 0).sum()) for w in weights)
    terms = tuple(
        term
        for x, w, source in zip(inputs, weights, sources, strict=True)
        for term in _terms(x, w, w != 0, source, True)
    )
    total = summed + (constant or 0.0)
    flat = torch.cat([w[w != 0] for w in weights])
    if count == 1 and float(flat[0]) == 1 and constant is None:
        return _copied(total, terms)
    if count == 0:
        return Step(
            kind="copy",
            total=value,
            terms=(),
            formula=Text(f"{short(value)}: padding", f"{short(value)}：填充"),
            text=Text(
                "A constant: nothing of the picture is read here.",
                "常数：此处不读取图片的任何内容。",
            ),
        )
    same = bool((flat == flat[0]).all())
    what = Text(f"{count} products", f"{count} 个乘积")
    if same:
        each = short(float(flat[0]))
        what = Text(f"{count} values × {each}", f"{count} 个值 × {each}")
    more = added(constant) if constant else ""
    return Step(
        kind="sum",
        total=total,
        terms=terms,
        bias=constant,
        formula=Text(*(f"{short(total)} = Σ {words}{more}" for words in what)),
        text=Text(
            f"A weighted sum of {count} values of the layer before.",
            f"前一层 {count} 个值的加权和。",
        ),
        region=_hull(terms),
    )


def _copied(total: float, terms: tuple[Term, ...]) -> Step:
    (term,) = terms
    where_en = f"channel {term.channel}, row {term.rows[0]}, column {term.columns[0]}"
    where_zh = f"第 {term.channel} 通道第 {term.rows[0]} 行第 {term.columns[0]} 列"
    from_en = f" of {term.source}" if term.source else ""
    from_zh = f" {term.source} 的" if term.source else ""
    return Step(
        kind="copy",
        total=total,
        terms=terms,
        formula=Text.same(f"{short(total)} = {short(term.patch[0][0])}"),
        text=Text(f"Copied from {where_en}{from_en}.", f"复制自{from_zh}{where_zh}。"),
        region=_hull(terms),
    )


def _unknown(
    value: float,
    inputs: Sequence[Tensor],
    touched: Sequence[Tensor],
    sources: Sequence[str | None],
    operation: str,
) -> Step:
    count = sum(int(t.sum()) for t in touched)
    terms = tuple(
        term
        for x, t, source in zip(inputs, touched, sources, strict=True)
        for term in _terms(x, torch.zeros_like(x), t, source, False)
    )
    if count == 1 and len(terms) == 1:
        x = terms[0].patch[0][0]
        return Step(
            kind="activation",
            total=None,
            terms=terms,
            formula=Text.same(f"{short(value)} = {operation}({short(x)})"),
            text=Text(
                f"{operation} of the value {short(x)}.",
                f"对值 {short(x)} 作 {operation}。",
            ),
            region=_hull(terms),
        )
    return Step(
        kind="other",
        total=None,
        terms=terms,
        formula=Text(
            f"{short(value)} = {operation}({count} values)",
            f"{short(value)} = {operation}({count} 个值)",
        ),
        text=Text(
            f"{operation}, a function of {count} values that is no weighted sum.",
            f"{operation}：{count} 个值的函数，不是加权和。",
        ),
        region=_hull(terms),
    )


def _terms(
    x: Tensor, weights: Tensor, touched: Tensor, source: str | None, summed: bool
) -> list[Term]:
    """A term for each channel that is read, with the box around what is read of it."""
    maps, kernels, read = (_as_maps(t) for t in (x, weights, touched))
    terms = []
    for channel in read.flatten(1).any(1).nonzero().flatten().tolist():
        ys, xs = read[channel].nonzero(as_tuple=True)
        top, bottom = int(ys.min()), int(ys.max())
        left, right = int(xs.min()), int(xs.max())
        box = slice(top, bottom + 1), slice(left, right + 1)
        patch, kernel = maps[channel][box].double(), kernels[channel][box].double()
        terms.append(
            Term(
                channel=channel,
                rows=tuple(range(top, bottom + 1)),
                columns=tuple(range(left, right + 1)),
                patch=grid(patch),
                kernel=grid(kernel) if summed else None,
                sum=float((patch * kernel).sum()) if summed else None,
                source=source,
            )
        )
    return terms


def _as_maps(x: Tensor) -> Tensor:
    """One picture's tensor as C H W; a vector's numbers are channels of one pixel."""
    plain = x[0] if x.ndim > 1 and len(x) == 1 else x
    if plain.ndim > 3:
        return plain.flatten(0, -3)
    return plain.reshape(*plain.shape, *(1,) * (3 - plain.ndim))


def _hull(terms: Sequence[Term]) -> Box | None:
    if (
        not terms
        or all(len(t.rows) == len(t.columns) == 1 for t in terms)
        and all(t.rows == (0,) == t.columns for t in terms)
    ):
        return None
    return (
        min(t.rows[0] for t in terms),
        min(t.columns[0] for t in terms),
        max(t.rows[-1] for t in terms),
        max(t.columns[-1] for t in terms),
    )

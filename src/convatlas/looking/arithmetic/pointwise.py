"""Value by value: activations, normalisations, sums of maps."""

from collections.abc import Callable, Sequence
from math import exp, sqrt, tanh

from torch import Tensor, nn

from convatlas.looking.arithmetic.value import Box, Step, Term
from convatlas.looking.wording import Text, added, short
from convatlas.networks.blocks import ScaledTanh

Unit = tuple[int, ...]
Norm = nn.BatchNorm1d | nn.BatchNorm2d

# how each is written with x in place, and what it does
FORMULAS: dict[type[nn.Module], tuple[str, Callable[[float], float]]] = {
    nn.ReLU: ("max(0, {x})", lambda x: max(0.0, x)),
    nn.ReLU6: ("min(max(0, {x}), 6)", lambda x: min(max(0.0, x), 6.0)),
    nn.Tanh: ("tanh({x})", tanh),
    nn.Sigmoid: (
        "1 / (1 + e^−({x}))",
        lambda x: 1 / (1 + exp(-x)) if x > -700 else 0.0,
    ),
    ScaledTanh: ("1.7159 · tanh(⅔ · {x})", lambda x: 1.7159 * tanh(x * 2 / 3)),
}


def place_of(unit: Unit) -> tuple[int, int, int]:
    """(channel, row, column) of a unit; a vector's place counts as its channel."""
    if len(unit) >= 3:
        return unit[-3], unit[-2], unit[-1]
    return (*unit, 0, 0)[0], (*unit, 0)[1] if len(unit) > 1 else 0, 0


def region_of(unit: Unit) -> Box | None:
    """The one pixel below a unit of a map."""
    if len(unit) < 3:
        return None
    _, y, x = place_of(unit)
    return y, x, y, x


def single(value: float, unit: Unit, kernel: float | None = None) -> Term:
    """One value at the unit's own place."""
    channel, y, x = place_of(unit)
    return Term(
        channel=channel,
        rows=(y,),
        columns=(x,),
        patch=((value,),),
        kernel=None if kernel is None else ((kernel,),),
        sum=None if kernel is None else kernel * value,
    )


def activation(
    kind: type[nn.Module], operation: str, image: Tensor, unit: Unit
) -> Step:
    """A function of one number, one of ``FORMULAS``."""
    written, function = FORMULAS[kind]
    x = float(image[unit])
    total = function(x)
    formula = f"{short(total)} = {written.format(x=short(x))}"
    return Step(
        kind="activation",
        total=total,
        terms=(single(x, unit),),
        formula=Text.same(formula),
        text=Text(
            f"{operation} of the value {short(x)} at the same place: {formula}.",
            f"对同一位置的值 {short(x)} 作 {operation}：{formula}。",
        ),
        region=region_of(unit),
    )


def batch_norm(module: Norm, image: Tensor, unit: Unit) -> Step:
    """Minus the channel's mean, by its deviation, times γ, plus β."""
    channel = unit[0]
    assert module.running_mean is not None and module.running_var is not None
    mean, variance = (
        float(module.running_mean[channel]),
        float(module.running_var[channel]),
    )
    gamma = float(module.weight[channel]) if module.affine else 1.0
    beta = float(module.bias[channel]) if module.affine else 0.0
    x = float(image[unit])
    deviation = sqrt(variance + module.eps)
    scaled = (x - mean) / deviation
    total = scaled * gamma + beta
    formula = (
        f"{short(total)} = ({short(x)}{added(-mean)}) / {short(deviation)} · "
        f"{short(gamma)}{added(beta)}"
    )
    return Step(
        kind="norm",
        total=total,
        terms=(single(x, unit),),
        bias=beta,
        formula=Text.same(formula),
        text=Text(
            f"{short(x)} minus the channel's mean {short(mean)}, by its deviation "
            f"{short(deviation)}, times γ {short(gamma)}, plus β {short(beta)}.",
            f"{short(x)} 减去该通道的均值 {short(mean)}，"
            f"除以标准差 {short(deviation)}，"
            f"乘以 γ {short(gamma)}，加上 β {short(beta)}。",
        ),
        region=region_of(unit),
    )


def local_response(module: nn.LocalResponseNorm, image: Tensor, unit: Unit) -> Step:
    """A value by the strength of the channels beside it (Krizhevsky et al. 2012)."""
    channel, *place = unit
    first = max(channel - module.size // 2, 0)
    last = min(channel + (module.size - 1) // 2, len(image) - 1)
    x = float(image[unit])
    beside = [float(image[(c, *place)]) for c in range(first, last + 1)]
    squares = sum(value * value for value in beside)
    base = module.k + module.alpha / module.size * squares
    total = x / base**module.beta
    formula = (
        f"{short(total)} = {short(x)} / ({short(module.k)} + "
        f"{short(module.alpha / module.size)} · {short(squares)})^{short(module.beta)}"
    )
    return Step(
        kind="norm",
        total=total,
        terms=tuple(
            single(value, (first + i, *place)) for i, value in enumerate(beside)
        ),
        formula=Text.same(formula),
        text=Text(
            f"{short(x)} by the strength of channels {first} to {last} at its place.",
            f"{short(x)} 除以同一位置第 {first} 至 {last} 通道的强度。",
        ),
        region=region_of(unit),
    )


def addition(
    images: Sequence[Tensor], sources: Sequence[str | None], unit: Unit
) -> Step:
    """The sum of the values at one place of several maps."""
    values = [float(image[unit]) for image in images]
    channel, y, x = place_of(unit)
    terms = tuple(
        Term(channel, (y,), (x,), ((value,),), ((1.0,),), value, source)
        for value, source in zip(values, sources, strict=True)
    )
    total = sum(values)
    written = short(values[0]) + "".join(added(value) for value in values[1:])
    return Step(
        kind="join",
        total=total,
        terms=terms,
        formula=Text.same(f"{short(total)} = {written}"),
        text=Text(
            f"The sum of {len(values)} maps at this place.",
            f"{len(values)} 张图在此位置的和。",
        ),
        region=region_of(unit),
    )

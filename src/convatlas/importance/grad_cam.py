"""Grad-CAM: which places of a layer's map speak for a class.

Source: Selvaraju et al. 2016 (arXiv:1610.02391), section 3.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import grid_sample

from convatlas.anatomy.table import Row, Table
from convatlas.errors import UnknownName, UsageError
from convatlas.importance.asking import Question


def grad_cam(question: Question, row: Row) -> Tensor:
    """The map of a layer's places that speak for the target, H W of the picture's size.

    Places that speak against it count nothing, as in the paper. A module that is used
    several times is asked at its last use.
    """
    from captum.attr import LayerGradCam  # which takes half a second

    layer = question.network.get_submodule(row.name)

    def score(images: Tensor) -> Tensor:
        # after captum's own hook: what comes next may work in place on the layer's map
        handle = layer.register_forward_hook(_copied)
        try:
            return question.score(images)
        finally:
            handle.remove()

    picture = question.picture.clone().requires_grad_()
    found = LayerGradCam(score, layer).attribute(picture, relu_attributions=True)
    return enlarged(found.detach(), row, question.size)


def _copied(module: nn.Module, args: Any, result: Tensor) -> Tensor:
    return result.clone()


def enlarged(values: Tensor, row: Row, size: tuple[int, int]) -> Tensor:
    """A layer's map in the picture's size, each unit in the middle of what it sees.

    Without a receptive field, units are spread evenly over the picture.

    Args:
        values: 1 × 1 × h × w.
        row: of the layer.
        size: height and width of the picture.

    Returns:
        H W.
    """
    lines = []
    for axis, (side, pixels) in enumerate(zip(values.shape[2:], size, strict=True)):
        stride, middle = pixels / side, (pixels / side - 1) / 2
        if row.field is not None and row.field.stride[axis] > 0:
            stride = row.field.stride[axis]
            middle = row.field.offset[axis] + (row.field.size[axis] - 1) / 2
        unit = (torch.arange(pixels, dtype=values.dtype) - middle) / stride
        lines.append(2 * unit / max(side - 1, 1) - 1 if side > 1 else unit * 0)
    y, x = torch.meshgrid(lines[0], lines[1], indexing="ij")
    grid = torch.stack([x, y], dim=2)[None].to(values.device)
    return grid_sample(values, grid, padding_mode="border", align_corners=True)[0, 0]


def layer_row(table: Table, layer: str | None) -> Row:
    """The row of a layer with maps that Grad-CAM can look at.

    Args:
        table: of the network.
        layer: dotted path; when None the last map that all of the answer comes from.

    Raises:
        UnknownName: no such layer with maps.
        UsageError: no layer has maps, or this one has none.
    """
    maps = [row for row in table.rows if _is_map(row)]
    if not maps:
        raise UsageError(f"{table.name} has no layer with a map of several places")
    if layer is None:
        return _last_that_all_comes_from(table, maps)
    named = [row for row in maps if row.name == layer]
    if named:
        return named[-1]
    other = [row for row in table.rows if row.name == layer]
    if other:
        raise UsageError(
            f"{layer} ({other[0].operation}) gives {other[0].output_text}, no map of "
            f"several places of a module; the last one is {maps[-1].name}"
        )
    raise UnknownName(
        "layer with a map",
        layer,
        [row.name for row in maps],
        "'convatlas show' lists them",
    )


def _is_map(row: Row) -> bool:
    shape = row.output
    is_module = row.called and not row.name.endswith("()") and row.name != ""
    return is_module and len(shape) == 3 and shape[1] * shape[2] > 1


def _last_that_all_comes_from(table: Table, maps: list[Row]) -> Row:
    """The last map without which nothing of the picture reaches the answer.

    Scores of an attention come later, but most of the answer passes beside them.
    """
    places = [
        place
        for place, row in enumerate(table.rows)
        if row.leaf and row.kind != "dropout" and _is_map(row)
    ]
    for place in reversed(places):
        if place not in table.ends and not _reached(table, without=place):
            return table.rows[place]
    return table.rows[places[-1]] if places else maps[-1]


def _reached(table: Table, without: int) -> bool:
    """Whether a path leads from the input to the answer without one row."""
    seen, waiting = {-1}, [-1]
    following: dict[int, list[int]] = {}
    for source, target in table.edges:
        following.setdefault(source, []).append(target)
    while waiting:
        for row in following.get(waiting.pop(), []):
            if row != without and row not in seen:
                seen.add(row)
                waiting.append(row)
    return bool(seen & set(table.ends))

"""The weights of a layer as slices: what a filter looks for."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convatlas.anatomy import Row, Table
from convatlas.errors import UnknownName, UsageError
from convatlas.looking.maps import energies
from convatlas.looking.message import LayerMaps

Form = Literal["filters", "templates", "matrix"]
COLOURS = 3  # input channels of a filter that can be shown as a picture


@dataclass(frozen=True)
class Kernels:
    """The weights of one layer.

    Attributes:
        index: of its (first) row in the layer table.
        name: of the row.
        operation: in short.
        weights: out × in × height × width, float32. A dense layer behind a flattened
            map has a slice of the map's size for every channel of it, which is a
            template; any other one is a single slice, 1 × 1 × out × in.
        form: what the slices are.
        coloured: whether the three slices of a filter are red, green and blue.
    """

    index: int
    name: str
    operation: str
    weights: Tensor
    form: Form
    coloured: bool

    @property
    def slices(self) -> Tensor:
        """All slices one after the other: out·in × height × width."""
        return self.weights.flatten(0, 1)

    def picture(self, filter: int) -> NDArray[np.uint8]:
        """A filter over red, green and blue as a picture: h w 3; grey is zero.

        All filters of the layer have the same scale.
        """
        if not self.coloured:
            raise UsageError(f"{self.name}: its filters do not lie over three colours")
        most = float(self.weights.abs().max()) or 1.0
        shown = (self.weights[filter] / most * 0.5 + 0.5) * 255
        return shown.round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()

    def as_maps(self) -> LayerMaps:
        """For a message: every slice is a map."""
        out, into = self.weights.shape[:2]
        slices = self.slices
        count, height, width = slices.shape
        return LayerMaps(
            index=self.index,
            name=self.name,
            operation=self.operation,
            kind="kernels",
            shape=(count, height, width),
            channel=tuple(range(count)),
            maps=np.ascontiguousarray(slices.numpy()),
            energy=tuple(energies(slices).tolist()),
            signed=True,
            more={"out": out, "in": into, "form": self.form, "coloured": self.coloured},
        )


def layers_with_kernels(network: nn.Module, table: Table) -> tuple[int, ...]:
    """The rows whose modules hold weights of two dimensions or more, first calls."""
    return tuple(
        index
        for index, row in enumerate(table.rows)
        if row.leaf
        and row.called
        and row.call == 1
        and _weight(network, row) is not None
    )


def kernels_of(network: nn.Module, table: Table, layer: str) -> Kernels:
    """The weights of one layer.

    Args:
        network: that has them.
        table: of it.
        layer: name of a row.

    Raises:
        UnknownName: no such layer.
        UsageError: a layer without kernels.
    """
    able = [table.rows[i].name for i in layers_with_kernels(network, table)]
    index = next((i for i, row in enumerate(table.rows) if row.name == layer), None)
    if index is None:
        raise UnknownName("layer", layer, able, "'convatlas show' lists them")
    row = table.rows[index]
    weight = _weight(network, row) if row.leaf else None
    if weight is None:
        raise UsageError(
            f"{layer} ({row.operation}) has no kernels; the first that has is "
            f"{able[0] if able else 'not there'}"
        )
    weights, form = _sliced(weight.detach().float().cpu(), table, index)
    return Kernels(
        index=index,
        name=layer,
        operation=row.operation,
        weights=weights,
        form=form,
        coloured=form == "filters"
        and weights.shape[1] == COLOURS == table.input[0]
        and row.input[:1] == (COLOURS,),
    )


def _weight(network: nn.Module, row: Row) -> Tensor | None:
    if row.name.endswith("()"):
        return None
    module = network.get_submodule(row.name) if row.name else network
    weight = getattr(module, "weight", None)
    return weight if isinstance(weight, Tensor) and weight.ndim >= 2 else None


def _sliced(weight: Tensor, table: Table, index: int) -> tuple[Tensor, Form]:
    if weight.ndim == 3:  # along one axis
        return weight.unsqueeze(2), "filters"
    if weight.ndim > 3:
        return weight.flatten(1, -3), "filters"
    flattened = map_before(table, index)
    if flattened is not None and flattened[1] * flattened[2] > 1:
        return weight.reshape(len(weight), *flattened), "templates"
    return weight[None, None], "matrix"


def map_before(table: Table, index: int) -> tuple[int, int, int] | None:
    """The shape of the map whose numbers a dense layer gets in a row, if one does."""
    wanted = table.rows[index].input
    for _ in range(len(table.rows)):
        sources = [a for a, b in table.edges if b == index]
        if len(sources) != 1:
            return None
        (index,) = sources
        shape = table.input if index < 0 else table.rows[index].output
        if len(shape) == 3 and wanted == (shape[0] * shape[1] * shape[2],):
            return shape[0], shape[1], shape[2]
        if shape != wanted or index < 0:
            return None
    return None

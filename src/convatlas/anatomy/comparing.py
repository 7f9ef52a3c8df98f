"""A network in a few figures: where its parameters and its work sit."""

from dataclasses import dataclass

from convatlas.anatomy.arithmetic import dense_equivalent
from convatlas.anatomy.table import Field, Row, Table


@dataclass(frozen=True)
class Profile:
    """What is compared.

    Attributes:
        name: of the network.
        input: (channels, height, width).
        parameters: all.
        conv_parameters: in convolutions.
        dense_parameters: in fully connected layers.
        other_parameters: in the rest: norms, bare ones.
        uncalled_parameters: in modules that the forward does not call, e.g. auxiliary
            classifiers.
        macs: for one picture, all.
        conv_macs: in convolutions.
        dense_macs: in fully connected layers.
        layers: convolutional and fully connected, along the longest path.
        field: the largest receptive field before a unit sees everything.
        activation_bytes: of all layers, for one picture.
        parameter_bytes: as stored.
        dense_equivalent: parameters if each convolution were fully connected; the
            other layers as they are.
    """

    name: str
    input: tuple[int, ...]
    parameters: int
    conv_parameters: int
    dense_parameters: int
    other_parameters: int
    uncalled_parameters: int
    macs: int
    conv_macs: int
    dense_macs: int
    layers: int
    field: Field | None
    activation_bytes: int
    parameter_bytes: int
    dense_equivalent: int


def profile(table: Table, name: str) -> Profile:
    """The figures of a traced network."""
    convs = [row for row in table.leaves if row.kind == "conv"]
    dense = [row for row in table.leaves if row.kind in ("fc", "matmul")]
    conv_parameters = sum(row.parameters for row in convs)
    dense_parameters = sum(row.parameters for row in dense)
    uncalled = sum(row.parameters for row in table.rows if not row.called)
    fields = [row.field for row in table.leaves if row.field and row.sees == "patch"]
    return Profile(
        name=name,
        input=table.input,
        parameters=table.parameters,
        conv_parameters=conv_parameters,
        dense_parameters=dense_parameters,
        other_parameters=table.parameters
        - conv_parameters
        - dense_parameters
        - uncalled,
        uncalled_parameters=uncalled,
        macs=table.macs,
        conv_macs=sum(row.macs for row in convs),
        dense_macs=sum(row.macs for row in dense),
        layers=table.layers,
        field=max(fields, key=lambda f: f.size[0] * f.size[1], default=None),
        activation_bytes=table.activation_bytes,
        parameter_bytes=table.parameter_bytes,
        dense_equivalent=table.parameters
        - conv_parameters
        + sum(dense_cost(row) for row in convs),
    )


def dense_cost(row: Row) -> int:
    """Parameters of a fully connected layer in the place of a convolution."""
    return dense_equivalent(row.input, row.output)

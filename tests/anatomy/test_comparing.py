"""Where parameters sit."""

from torch import nn

from convatlas.anatomy import trace
from convatlas.anatomy.comparing import profile


def test_parameters_and_work_are_sorted_by_kind() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Flatten(), nn.Linear(96, 10)
    )
    p = profile(trace(network, (1, 8, 8)), "small")
    assert (p.parameters, p.conv_parameters, p.dense_parameters) == (1138, 156, 970)
    assert (p.other_parameters, p.uncalled_parameters) == (12, 0)
    assert (p.macs, p.conv_macs, p.dense_macs) == (3360, 2400, 960)
    assert p.field is not None and p.field.size == (5, 5)
    assert p.dense_equivalent == 12 + 970 + (64 * 96 + 96)
    assert (p.layers, p.parameter_bytes) == (2, 4 * 1138)


def test_modules_that_are_not_called_are_told_apart() -> None:
    class Extra(nn.Sequential):
        def __init__(self) -> None:
            super().__init__(nn.Conv2d(1, 2, 1))
            self.forward = self[0].forward  # type: ignore[method-assign]
            self.auxiliary = nn.Linear(4, 5)

    p = profile(trace(Extra(), (1, 4, 4)), "extra")
    assert (p.parameters, p.conv_parameters, p.uncalled_parameters) == (29, 4, 25)


def test_a_network_without_parameters() -> None:
    p = profile(trace(nn.Sequential(nn.Flatten()), (1, 4, 4)), "none")
    assert (p.parameters, p.macs, p.layers, p.dense_equivalent) == (0, 0, 0, 0)

import torch

from convatlas.looking.activations import Looker
from convatlas.looking.maps import as_maps, maps_of, shown_rows, shrunk
from convatlas.networks import build


def looked(name: str, size: int) -> tuple[Looker, object]:
    torch.manual_seed(0)
    looker = Looker.of(build(name).eval(), (1, size, size))
    return looker, looker.look(torch.randn(1, 1, size, size))


def test_the_strongest_channels_come_first_and_whole_maps_stay_as_they_are() -> None:
    looker, seen = looked("lenet5-tanh", 28)
    layers = maps_of(looker.table, seen, channels=4, side=0)  # type: ignore[arg-type]
    by_name = {layer.name: layer for layer in layers}
    conv = by_name["features.conv2"]
    index = conv.index
    output = seen.outputs[index][0]  # type: ignore[attr-defined]
    energy = output.square().mean((1, 2))
    assert conv.channel == tuple(energy.argsort(descending=True)[:4].tolist())
    assert conv.energy == tuple(energy[list(conv.channel)].tolist())
    assert torch.equal(torch.from_numpy(conv.maps), output[list(conv.channel)])
    assert conv.shape == (16, 10, 10) and conv.field == "14"
    vector = by_name["head.fc1"]
    assert vector.shape == (1, 1, 84) and vector.maps.shape == (1, 1, 84)


def test_maps_are_shrunk_by_means_and_vectors_never() -> None:
    maps = torch.rand(3, 100, 50)
    small = shrunk(maps, 25)
    assert small.shape == (3, 25, 12)
    assert torch.allclose(shrunk(maps, 50), maps.reshape(3, 50, 2, 25, 2).mean((2, 4)))
    assert shrunk(maps, 100) is maps
    looker, seen = looked("lenet5-tanh", 28)
    layers = maps_of(looker.table, seen, side=8)  # type: ignore[arg-type]
    for layer in layers:
        if layer.shape[1] > 1:
            assert max(layer.maps.shape[1:]) <= 8
    assert layers[-1].maps.shape == (1, 1, 10)


def test_rows_that_give_what_they_got_are_left_out() -> None:
    looker = Looker.of(build("googlenet-gray"), (1, 96, 96))
    names = [looker.table.rows[i].operation for i in shown_rows(looker.table)]
    assert names and not any(name.startswith("dropout") for name in names)


def test_outputs_of_any_shape_are_maps() -> None:
    assert as_maps(torch.zeros(7)).shape == (1, 1, 7)
    assert as_maps(torch.zeros(5, 11)).shape == (1, 5, 11)
    assert as_maps(torch.zeros(2, 3, 4, 5)).shape == (6, 4, 5)
    assert as_maps(torch.tensor(1.0)).shape == (1, 1, 1)

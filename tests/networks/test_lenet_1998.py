"""LeNet-5 against the figures of the paper, section II.B."""

import pytest
import torch

from convatlas.errors import InputSizeError
from convatlas.networks import build
from convatlas.networks.lenet_1998 import codes

PARAMETERS = {  # "trainable parameters" of each layer, as the paper states them
    "features.c1": 156,
    "features.s2": 12,
    "features.c3": 1_516,
    "features.s4": 32,
    "features.c5": 48_120,
    "head.f6": 10_164,
}


def test_parameters_of_every_layer() -> None:
    network = build("lenet5")
    for name, count in PARAMETERS.items():
        layer = network.get_submodule(name)
        assert sum(p.numel() for p in layer.parameters()) == count
    assert sum(p.numel() for p in network.parameters()) == 60_000


def test_table_1_of_connections() -> None:
    # the paper's table, a column per map of C3, an X where it sees the map of S2
    table = """
    X...XXX..XXXX.XX
    XX...XXX..XXXX.X
    XXX...XXX..X.XXX
    .XXX..XXXX..X.XX
    ..XXX..XXXX.XX.X
    ...XXX..XXXX.XXX
    """.split()
    c3 = build("lenet5").features.c3
    images = torch.randn(1, 6, 14, 14)
    before = c3(images)
    for source in range(6):
        changed = images.clone()
        changed[:, source] += 1
        touched = (c3(changed) != before).flatten(2).any(dim=2)[0]
        assert "".join(".X"[int(t)] for t in touched) == table[source]


def test_subsampling_sums_scales_and_shifts() -> None:
    s2 = build("lenet5").features.s2
    images = torch.randn(2, 6, 4, 4)
    sums = images.unfold(2, 2, 2).unfold(3, 2, 2).sum(dim=(4, 5))
    expected = sums * s2.coefficient + s2.bias
    torch.testing.assert_close(s2(images), expected)


def test_squashing_gives_one_for_one() -> None:
    act = build("lenet5").features.act1  # f(1) = 1, f(-1) = -1: section II.B
    got = act(torch.tensor([-1.0, 0.0, 1.0]))
    torch.testing.assert_close(got, torch.tensor([-1.0, 0, 1]), atol=1e-4, rtol=0)


def test_output_is_minus_the_squared_distance() -> None:
    output = build("lenet5").head.output
    vector = codes(10)[3].unsqueeze(0)
    logits = output(vector)
    assert logits.argmax() == 3
    assert logits[0, 3] == 0
    different = (codes(10)[3] != codes(10)[8]).sum()
    assert logits[0, 8] == -4 * different


def test_codes_of_digits_differ_and_are_signs() -> None:
    for classes in (10, 26):
        signs = codes(classes)
        assert signs.shape == (classes, 84)
        assert set(signs.unique().tolist()) == {-1.0, 1.0}
        assert len(signs.unique(dim=0)) == classes
    assert torch.equal(codes(26), codes(26))


def test_codes_are_not_trained() -> None:
    assert "head.output.codes" in build("lenet5").state_dict()
    assert not [n for n, _ in build("lenet5").named_parameters() if "codes" in n]


def test_initial_weights_lie_within_appendix_a() -> None:
    network = build("lenet5")
    for layer, inputs in (("features.c1", 25), ("features.c3.conv4", 100)):
        weight = network.get_submodule(layer).weight.abs().max()
        assert 0.9 * 2.4 / inputs < weight <= 2.4 / inputs


def test_only_the_papers_size() -> None:
    with pytest.raises(InputSizeError, match="input 28×28 does not fit features.c1; "):
        build("lenet5", input_size=(28, 28))

"""The head of one class, and the shape that arrives at any head."""

import torch

from convatlas.networks import build
from convatlas.networks.heads import class_head, map_shape


def test_class_head_averages_the_map() -> None:
    head = class_head(6, 3, dropout=0.4).eval()
    images = torch.randn(2, 6, 4, 5)
    expected = head.fc(images.mean(dim=(2, 3)))
    torch.testing.assert_close(head(images), expected)
    assert [name for name, _ in head.named_children()] == [
        *("pool", "flatten", "dropout", "fc")
    ]
    assert "dropout" not in dict(class_head(6, 3).named_children())


def test_finding_the_shape_changes_nothing() -> None:
    network = build("resnet-mini").features
    network.train()
    network[0].eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert map_shape(network, (1, 28, 28)) == (32, 4, 4)
    assert network.training and not network[0].training
    for name, tensor in network.state_dict().items():
        assert tensor.equal(before[name])

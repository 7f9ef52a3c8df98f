import pytest
import torch
from torch import nn

from convatlas import data
from convatlas.anatomy import trace
from convatlas.errors import UsageError
from convatlas.importance.likeness import rank_correlation, ranks, ssim
from convatlas.importance.sanity import check_sanity, forget, weighted_layers
from convatlas.networks import build
from convatlas.runs import Run
from tests.importance.networks import Ways


def test_equal_values_share_their_ranks() -> None:
    assert ranks(torch.tensor([3.0, 1, 3, 9, 1, 3])).tolist() == [4, 1.5, 4, 6, 1.5, 4]


def test_rank_correlation_knows_order_alone() -> None:
    values = torch.tensor([0.1, 5.0, -2.0, 3.0])
    assert rank_correlation(values, values**3) == pytest.approx(1)
    assert rank_correlation(values, -values) == pytest.approx(-1)
    assert rank_correlation(values, torch.ones(4)) == 0
    # the classic formula 1 - 6 Σd² / n(n²-1), by hand: d² = 1, 1, 0, 0
    other = torch.tensor([-3.0, 5.0, 0.0, 3.0])
    assert rank_correlation(values, other) == pytest.approx(1 - 6 * 2 / (4 * 15))


def test_ssim_is_one_for_the_same_structure_only() -> None:
    one = torch.rand(20, 20, generator=torch.Generator().manual_seed(0))
    assert ssim(one, 3 * one + 2) == pytest.approx(1)
    assert ssim(one, 1 - one) < 0
    other = torch.rand(20, 20, generator=torch.Generator().manual_seed(1))
    assert abs(ssim(one, other)) < 0.2
    assert ssim(torch.zeros(9, 9), torch.zeros(9, 9)) == 1


def test_layers_forget_from_the_answer_down() -> None:
    network = Ways("shared")
    names = weighted_layers(network, trace(network, (2, 8, 8)))
    assert names == ["fc", "conv2", "conv1"]
    layer = nn.Linear(200, 300)
    before, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    forget(layer, torch.Generator().manual_seed(0))
    assert layer.weight.std().item() == pytest.approx(before.std().item(), rel=0.02)
    assert (
        abs(torch.corrcoef(torch.stack([layer.weight.flatten(), before.flatten()])))[
            0, 1
        ].item()
        < 0.02
    )
    assert not torch.equal(layer.bias, bias)


def test_guided_backprop_keeps_its_map_where_gradients_lose_it(
    trained_run: Run,
) -> None:
    """What Adebayo et al. found, on a network with ReLUs trained for a moment."""
    pictures = data.load("digits-5k").validation
    preprocess = trained_run.preprocess()
    shown = list(preprocess(pictures.images[:3]))
    torch.manual_seed(0)
    network = build("mnist-cnn")
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    train = data.load("digits-5k").train
    for start in range(0, 1500, 50):
        part = slice(start, start + 50)
        loss = nn.functional.cross_entropy(
            network(preprocess(train.images[part])), train.labels[part]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    numbers = {name: value.clone() for name, value in network.state_dict().items()}
    black = preprocess.normalise(torch.zeros(1, 1, 1, 1)).flatten().tolist()
    methods = ["guided-backprop", "integrated-gradients"]
    guided, integrated = check_sanity(network, shown, methods, blank=black)
    assert all((numbers[k] == v).all() for k, v in network.state_dict().items())
    assert guided.stages[-1].forgot[-1] == "features.conv1"
    assert len(guided.stages) == len(guided.stages[-1].forgot)
    assert guided.stages[0].signed_correlation > 0.5
    assert integrated.stages[0].signed_correlation < 0.5
    assert integrated.verdict == "signs only"  # its places are those of the ink


def test_a_sanity_check_needs_pictures_and_weights() -> None:
    with pytest.raises(UsageError, match="needs a picture"):
        check_sanity(Ways("shared"), [])
    with pytest.raises(UsageError, match="has no weights that it could forget"):
        check_sanity(
            nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            [torch.rand(2, 4, 4)],
            ["occlusion"],
        )


def test_many_layers_forget_in_few_stages() -> None:
    torch.manual_seed(0)
    (found,) = check_sanity(
        build("resnet20"), [torch.rand(3, 32, 32)], ["grad-cam"], stages=4
    )
    assert len(found.stages) == 4
    sizes = [len(stage.forgot) for stage in found.stages]
    assert sizes == [10, 20, 29, 39]  # 19 convolutions with their norms, and the fc
    assert len(set(found.stages[-1].forgot)) == 39
    assert found.stages[0].forgot[0] == "head.fc"

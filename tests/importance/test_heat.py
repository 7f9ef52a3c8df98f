import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop
from torch import Tensor, nn

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError, NetworkError, UnknownName, UsageError
from convatlas.importance.grad_cam import enlarged, layer_row
from convatlas.importance.heat import COMPLETE, METHODS, heat_map, window_of
from convatlas.importance.targets import Target, answers_of, target_of
from convatlas.networks import build
from convatlas.runs import Run
from tests.importance.networks import OnePatch, Ways

PATCH = (slice(4, 8), slice(8, 12))
ONE = Target(((1,),), "class 1", 1)


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("method", [m for m in METHODS if m != "grad-cam"])
def test_the_heat_lies_on_the_patch_that_the_answer_depends_on(method: str) -> None:
    heat = heat_map(OnePatch(), picture(1, 16, 16) + 0.5, method, ONE)
    values = np.abs(heat.values)
    near = values[2:10, 6:14].sum()  # the patch, and what 3×3 and windows reach
    assert near > 0.95 * values.sum() > 0
    assert values[PATCH].mean() > 4 * values[:, :4].mean()


@pytest.mark.parametrize("method", METHODS)
def test_the_heat_lies_on_the_shape_that_is_looked_for(method: str) -> None:
    """A cross among bars: only the cross speaks for the class."""
    cross = torch.tensor([[0.0, 1, 0], [1, 1, 1], [0, 1, 0]])
    conv = nn.Conv2d(1, 2, 3, padding=1)
    with torch.no_grad():
        conv.weight[0, 0] = 1 - 2 * cross
        conv.weight[1, 0] = 2 * cross - 1
        conv.bias[:] = torch.tensor([0.0, -4.0])
    network = nn.Sequential(
        conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)
    )
    network[4].load_state_dict({"weight": torch.eye(2), "bias": torch.zeros(2)})
    shown = torch.zeros(1, 20, 20)
    shown[0, 12:15, 5:8] = cross
    shown[0, 3, 2:15] = shown[0, 5:18, 16] = 1
    values = np.abs(heat_map(network, shown, method, ONE).values)
    assert values[10:17, 3:10].sum() > 0.99 * values.sum() > 0


def test_grad_cam_is_the_sum_of_maps_weighed_by_mean_gradients() -> None:
    network, shown = Ways("shared"), picture(2, 9, 9)
    caught: list[Tensor] = []
    handle = network.conv2.register_forward_hook(
        lambda module, args, result: caught.append(result)
    )
    answers = network(shown[None])
    handle.remove()
    (gradient,) = torch.autograd.grad(answers[0, 2], caught[0])
    by_hand = (caught[0] * gradient.mean((2, 3), keepdim=True)).sum(1)[0].relu()
    heat = heat_map(network, shown, "grad-cam", Target(((2,),), "", 2), layer="conv2")
    assert np.allclose(heat.values, by_hand.detach().numpy(), atol=1e-7)
    assert heat.layer == "conv2" and not heat.signed


def test_a_small_map_is_laid_where_its_units_look() -> None:
    """Unit (1, 2) of 3×3 windows with stride 4 sees rows 4 to 6, columns 8 to 10."""
    network = nn.Sequential(nn.Conv2d(1, 1, 3, stride=4), nn.Flatten())
    row = layer_row(trace(network, (1, 19, 19)), "0")
    values = torch.zeros(1, 1, *row.output[1:])
    values[0, 0, 1, 2] = 1
    large = enlarged(values, row, (19, 19))
    assert divmod(int(large.argmax()), 19) == (5, 9)
    assert large.shape == (19, 19) and large[5, 9] == 1
    assert large[5, 7] == 0.5 and large[1, 9] == 0


def test_integrated_gradients_add_up_to_the_difference(trained_run: Run) -> None:
    network, preprocess = trained_run.network(), trained_run.preprocess()
    shown = preprocess((255 * picture(1, 1, 28, 28, seed=3)).to(torch.uint8))[0]
    black = preprocess.normalise(torch.zeros(1, 1, 1, 1)).item()
    heat = heat_map(network, shown, "integrated-gradients", blank=[black])
    with torch.no_grad():
        both = network(torch.stack([shown, torch.full_like(shown, black)]))
    difference = float(both[0, heat.target.asked] - both[1, heat.target.asked])
    assert heat.completeness is not None and heat.completeness <= COMPLETE
    assert heat.values.sum() == pytest.approx(difference, rel=2 * COMPLETE)
    assert heat.blank_score == pytest.approx(float(both[1, heat.target.asked]))
    assert heat.signed and heat.values.min() < 0 < heat.values.max()


def test_more_steps_are_taken_until_integrated_gradients_add_up() -> None:
    class Steep(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            bright = images.mean((1, 2, 3))
            return torch.stack([bright, torch.sigmoid(500 * (bright - 0.3))], 1)

    heat = heat_map(Steep(), torch.ones(1, 4, 4), "integrated-gradients", ONE)
    assert heat.steps is not None and heat.steps > 32
    assert heat.completeness is not None and heat.completeness <= COMPLETE


@pytest.mark.parametrize("size", [(16, 16), (15, 22)])
def test_occlusion_is_the_mean_loss_of_all_windows_over_a_pixel(
    size: tuple[int, int],
) -> None:
    network, shown = OnePatch(3), picture(3, *size)
    heat = heat_map(network, shown, "occlusion", ONE, blank=(0.2, 0.4, 0.6))
    side, step = window_of(size)
    assert heat.window == (side, step)
    blank = torch.tensor((0.2, 0.4, 0.6))[:, None, None]
    total, counts = torch.zeros(size), torch.zeros(size)
    with torch.no_grad():
        whole = network(shown[None])[0, 1]
        for top in range(0, size[0] - side + step, step):
            for left in range(0, size[1] - side + step, step):
                covered = shown.clone()
                covered[:, top : top + side, left : left + side] = blank
                lost = whole - network(covered[None])[0, 1]
                total[top : top + side, left : left + side] += lost
                counts[top : top + side, left : left + side] += 1
    assert np.allclose(heat.values, (total / counts).numpy(), atol=1e-5)


def test_windows_of_occlusion_stay_few() -> None:
    assert window_of((28, 28)) == (4, 2)
    assert window_of((224, 224)) == (32, 16)
    assert window_of((1, 1)) == (1, 1)
    side, step = window_of((40, 96))
    assert side == 5 and side // 2 <= step <= side


@pytest.mark.parametrize("name", ["resnet20", "mnist-cnn", "googlenet-mini"])
def test_guided_gradients_are_captums_where_relus_are_modules(name: str) -> None:
    torch.manual_seed(0)
    network = build(name).eval()
    shown = picture(*((3, 32, 32) if name == "resnet20" else (1, 28, 28)))
    heat = heat_map(network, shown, "guided-backprop", Target(((4,),), "", 4))
    with pytest.warns(UserWarning, match="backward hooks"):
        theirs = GuidedBackprop(network).attribute(
            shown[None].clone().requires_grad_(), target=4
        )
    assert np.allclose(heat.values, theirs.sum(1)[0].detach().numpy(), atol=1e-6)
    assert heat.note == ""


@pytest.mark.parametrize("ways", ["functions", "in place", "methods", "shared"])
def test_guided_gradients_of_every_way_to_write_a_relu(ways: str) -> None:
    torch.manual_seed(1)
    network, shown = Ways(ways), picture(2, 8, 8)
    modules = nn.Sequential(network.conv1, nn.ReLU(), network.conv2, nn.ReLU())
    if ways == "in place":
        with torch.no_grad():
            network.conv2.bias -= 1  # the network adds 1 in place
        plus_one = nn.Conv2d(6, 6, 3, padding=1)
        plus_one.load_state_dict(network.conv2.state_dict())
        with torch.no_grad():
            plus_one.bias += 1
        modules[2] = plus_one
    plain = nn.Sequential(modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), network.fc)
    with pytest.warns(UserWarning, match="backward hooks"):
        theirs = GuidedBackprop(plain).attribute(
            shown[None].clone().requires_grad_(), target=1
        )
    heat = heat_map(network, shown, "guided-backprop", ONE)
    assert np.allclose(heat.values, theirs.sum(1)[0].detach().numpy(), atol=1e-7)


def test_only_the_way_through_a_relu_is_guided() -> None:
    """With relu(x) + x the gradient beside the ReLU passes, whatever its sign."""

    class Beside(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            both = torch.relu(images) - images
            return torch.stack([both.sum((1, 2, 3)), -both.sum((1, 2, 3))], 1)

    heat = heat_map(Beside(), torch.ones(1, 2, 2), "guided-backprop", ONE)
    assert (heat.values == 1).all()  # -1 through the ReLU is stopped, +1 beside it


def test_a_network_without_relu_says_that_nothing_guides() -> None:
    heat = heat_map(build("lenet5-tanh"), picture(1, 28, 28), "guided-backprop")
    assert heat.note == "no ReLU guides it in this network: a plain gradient"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ways", ["functions", "in place", "methods", "beside"])
def test_a_network_that_works_in_place_is_asked_as_it_answers(
    ways: str, method: str
) -> None:
    torch.manual_seed(2)
    network, shown = Ways(ways), picture(2, 8, 8)
    heat = heat_map(network, shown, method, ONE)
    assert heat.score == pytest.approx(network(shown[None])[0, 1].item())
    assert np.isfinite(heat.values).all()
    assert np.abs(heat.values).max() > 0 or method == "grad-cam"


def test_grad_cam_sees_a_map_as_it_was_before_work_in_place() -> None:
    torch.manual_seed(2)
    in_place, plain = Ways("in place"), Ways("shared")
    plain.load_state_dict(in_place.state_dict())
    with torch.no_grad():
        in_place.conv2.bias -= 1
    maps = [
        heat_map(network, picture(2, 8, 8), "grad-cam", ONE, layer="conv1").values
        for network in (in_place, plain)
    ]
    assert np.allclose(maps[0], maps[1], atol=1e-7) and maps[0].max() > 0


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_left_as_it_was(method: str) -> None:
    network = build("resnet20").train()
    network.features.conv.eval()
    network.head.fc.weight.requires_grad_(False)
    network.features.conv.weight.grad = torch.ones_like(network.features.conv.weight)
    numbers = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    torch.manual_seed(5)
    random = torch.get_rng_state()
    shown = picture(3, 32, 32)
    heat_map(network, shown, method)
    assert [module.training for module in network.modules()] == modes
    assert all(
        len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) == 0
        for m in network.modules()
    )
    assert [n for n, p in network.named_parameters() if not p.requires_grad] == [
        "head.fc.weight"
    ]
    assert [n for n, p in network.named_parameters() if p.grad is not None] == [
        "features.conv.weight"
    ]
    assert (network.features.conv.weight.grad == 1).all()
    assert all((numbers[k] == v).all() for k, v in network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.equal(shown, picture(3, 32, 32)) and not shown.requires_grad


def test_a_failing_forward_leaves_the_network_as_it_was_too() -> None:
    network = OnePatch()
    broken = Target(((7,),), "class 7", 7)
    for method in METHODS:
        with pytest.raises(UsageError, match="class 7: no 7 in an answer of 2"):
            heat_map(network, picture(1, 16, 16), method, broken)

    class Fails(OnePatch):
        def forward(self, images: Tensor) -> Tensor:
            if images.requires_grad:
                raise RuntimeError("no gradients here")
            return super().forward(images)

    with pytest.raises(NetworkError, match="cannot look into Fails: no gradients here"):
        heat_map(Fails(), picture(1, 16, 16), "guided-backprop", ONE)
    assert all(p.requires_grad for p in network.parameters())
    assert not any(m._forward_hooks for m in network.modules())
    assert network.training


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("lenet5-tanh", "features.pool2"),
        ("resnet20", "features.stage3.block3.relu2"),
        ("street-reader", "features.flat2.relu2"),
        ("googlenet-mini", "features.inception2.concat"),
        ("densenet-gray", "features.relu"),
    ],
)
def test_the_last_map_that_all_comes_from_is_looked_at(name: str, layer: str) -> None:
    from convatlas.networks import find

    with torch.device("meta"):
        network = build(name)
    assert layer_row(trace(network, find(name).input), None).name == layer


def test_what_cannot_be_asked_is_said_in_one_line() -> None:
    network, shown = OnePatch(), picture(1, 16, 16)
    with pytest.raises(UnknownName, match="no method is called 'gradcam'.*grad-cam"):
        heat_map(network, shown, "gradcam")
    with pytest.raises(UnknownName, match="no layer with a map is called 'relo'"):
        heat_map(network, shown, "grad-cam", layer="relo")
    with pytest.raises(UsageError, match="fc \\(fc 6→3\\) gives 3, no map"):
        heat_map(Ways("shared"), picture(2, 8, 8), "grad-cam", layer="fc")
    with pytest.raises(UsageError, match="shape 1×1×16×16"):
        heat_map(network, shown[None], "occlusion", ONE)
    with pytest.raises(UsageError, match="1 channels, a number for each"):
        heat_map(network, shown, "occlusion", ONE, blank=(0, 0))
    with pytest.raises(InputSizeError, match="features.conv"):
        heat_map(build("lenet5-tanh"), picture(1, 9, 9), "occlusion")
    flat = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    with pytest.raises(UsageError, match="no layer with a map"):
        heat_map(flat, picture(1, 4, 4), "grad-cam")


def test_asking_twice_gives_the_same(trained_run: Run) -> None:
    network, shown = trained_run.network(), picture(1, 28, 28)
    for method in METHODS:
        one, other = (heat_map(network, shown, method) for _ in range(2))
        assert (one.values == other.values).all()
    assert target_of(answers_of(network, shown)).asked == one.target.asked

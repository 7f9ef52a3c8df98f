"""Looking changes nothing, and sees the output of every row."""

import threading

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.anatomy import trace
from convatlas.errors import NetworkError
from convatlas.looking.activations import Looker
from convatlas.networks import build, find


def fingerprint(network: nn.Module) -> list[object]:
    """Whatever looking might change."""
    parts: list[object] = [bytes(torch.get_rng_state().tolist())]
    for name, module in network.named_modules():
        parts += [name, module.training, sorted(module.__dict__)]
        parts += [len(module._forward_hooks), len(module._forward_pre_hooks)]
    parts += [
        bytes(t.detach().numpy().tobytes()) for t in network.state_dict().values()
    ]
    return parts


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("lenet5", None),
        ("googlenet-mini", None),
        ("densenet-gray", (64, 64)),
        ("resnet20", None),
        ("preact-resnet18", (64, 64)),
        pytest.param("inception-v3", None, marks=pytest.mark.slow),
        ("googlenet-tv", (64, 64)),
        ("vgg11-gray-small", (64, 64)),
        pytest.param("street-reader", None, marks=pytest.mark.slow),
        ("resnet18:length", (32, 64)),
    ],
)
def test_answers_are_equal_bit_by_bit_and_nothing_is_changed(
    name: str, size: tuple[int, int] | None
) -> None:
    torch.manual_seed(0)
    channels, *published = find(name).input
    network = build(name, input_size=size)
    network.train()
    images = torch.randn(1, channels, *(size or published))
    looker = Looker.of(network, tuple(images.shape[1:]))
    before = fingerprint(network)
    looked = looker.look(images)
    assert fingerprint(network) == before
    with torch.no_grad():
        plain = network.eval()(images)
    assert torch.equal(looked.result, plain)
    rows = {i: r for i, r in enumerate(looker.table.rows) if r.leaf and r.called}
    assert set(looked.outputs) == set(rows)
    for index, row in rows.items():
        assert tuple(looked.outputs[index].shape) == (1, *row.output)
    end = looked.outputs[looker.table.ends[-1]]
    assert torch.equal(end, plain)


def test_every_output_is_what_a_hook_would_see() -> None:
    torch.manual_seed(0)
    network = build("resnet-mini").eval()
    images = torch.randn(3, *find("resnet-mini").input)
    seen: dict[str, Tensor] = {}

    def keep(name: str):  # type: ignore[no-untyped-def]
        return lambda module, args, result: seen.update({name: result})

    handles = [m.register_forward_hook(keep(n)) for n, m in network.named_modules()]
    looker = Looker.of(network, tuple(images.shape[1:]))
    looked = looker.look(images)
    for handle in handles:
        handle.remove()
    for index, output in looked.outputs.items():
        assert torch.equal(output, seen[looker.table.rows[index].name])


class Odd(nn.Module):
    """Shared modules, work in place, functions, views between them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.norm = nn.BatchNorm2d(2)
        self.fc = nn.Linear(2 * 64, 3)

    def forward(self, images: Tensor) -> Tensor:
        first = self.relu(self.norm(self.conv(images)))
        second = self.relu(self.conv(first) - 0.1)
        second += first
        pooled = F.max_pool2d(second, 1)
        return self.fc(torch.flatten(pooled, 1).view(len(images), -1)).softmax(1)


def test_repeated_calls_functions_and_work_in_place_are_told_apart() -> None:
    torch.manual_seed(0)
    network = Odd().eval()
    looker = Looker(network, trace(network, (2, 8, 8)))
    images = torch.randn(2, 2, 8, 8)
    given = images.clone()
    looked = looker.look(images)
    assert torch.equal(images, given)
    by_name = {
        (looker.table.rows[i].name, looker.table.rows[i].call): output
        for i, output in looked.outputs.items()
    }
    with torch.no_grad():
        conv = network.conv(images)
        norm = network.norm(conv)
        relu = norm.clone().relu()
        again = network.conv(relu)
        second = (again - 0.1).relu()
    assert torch.equal(by_name["conv", 1], conv)
    assert torch.equal(by_name["norm", 1], norm)  # not what the relu made of it
    assert torch.equal(by_name["relu", 1], relu)
    assert torch.equal(by_name["conv", 2], again)
    assert torch.equal(by_name["sub()", 1], again - 0.1)
    assert torch.equal(by_name["relu", 2], second)
    assert torch.equal(by_name["add()", 1], second + relu)
    assert torch.equal(by_name["softmax()", 1], looked.result)


def test_arguments_of_a_call_are_kept_as_they_were() -> None:
    torch.manual_seed(0)
    network = Odd().eval()
    looker = Looker.of(network, (2, 8, 8))
    relu = next(i for i, r in enumerate(looker.table.rows) if r.name == "relu")
    norm = next(i for i, r in enumerate(looker.table.rows) if r.name == "norm")
    looked = looker.look(torch.randn(1, 2, 8, 8), {relu})
    (call,) = looked.calls.values()
    assert call.target is network.relu
    assert torch.equal(call.inputs[0], looked.outputs[norm])
    assert bool((call.inputs[0] < 0).any())
    assert torch.equal(call.again(call.inputs[0].clone()), looked.outputs[relu])


def test_another_course_is_named() -> None:
    class Choosing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.short, self.long = nn.Flatten(), nn.MaxPool2d(2)

        def forward(self, images: Tensor) -> Tensor:
            return self.short(images) if images.shape[2] == 4 else self.long(images)

    network = Choosing()
    looker = Looker.of(network, (1, 4, 4))
    with pytest.raises(NetworkError, match="short gave 1×3×3 where 16 was expected"):
        looker.look(torch.zeros(1, 1, 6, 6))
    assert not network.short._forward_hooks and not network.long._forward_hooks


def test_threads_may_look_at_once() -> None:
    torch.manual_seed(0)
    network = build("lenet5-tanh").eval()
    looker = Looker.of(network, (1, 28, 28))
    pictures = torch.randn(8, 1, 1, 28, 28)
    with torch.no_grad():
        expected = [network(picture) for picture in pictures]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            if not torch.equal(looker.look(pictures[number]).result, expected[number]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and all(not m._forward_hooks for m in network.modules())


def test_a_look_inside_inference_mode_works() -> None:
    network = build("lenet5-maxpool").eval()
    looker = Looker.of(network, (1, 28, 28))
    with torch.inference_mode():
        images = torch.randn(1, 1, 28, 28)
        assert torch.equal(looker.look(images).result, network(images))

import copy
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn

from convatlas.training.sync_batch_norm import SyncBatchNorm, synchronise
from tests.forked import forked

# relative to the largest value of a tensor of the same kind
WITHIN = {torch.float32: 1e-5, torch.float64: 1e-12}
SHARES = [slice(0, 5), slice(5, 6), slice(6, 9)]  # of nine pictures, one alone


def network() -> nn.Module:
    torch.manual_seed(3)
    net = nn.Sequential(
        nn.Conv2d(2, 6, 3),
        nn.BatchNorm2d(6, momentum=0.3),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(6 * 4 * 4, 5),
        nn.BatchNorm1d(5, affine=False, momentum=None),
    )
    nn.init.uniform_(net[1].weight)
    nn.init.uniform_(net[1].bias)
    return net.to(memory_format=torch.channels_last)


def pictures() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(9, 2, 6, 6, generator=generator) * 3 + 40
    return images, torch.randn(9, 5, generator=generator)


def after_two_batches(
    net: nn.Module, rows: slice, dtype: torch.dtype
) -> dict[str, Tensor]:
    """What two batches leave behind; gradients are sums over the given pictures."""
    images, target = (values.to(dtype) for values in pictures())
    net = net.to(dtype)
    inputs = images[rows].contiguous(memory_format=torch.channels_last)
    inputs.requires_grad_()
    for factor in (1.0, 1.5):
        answers = net(inputs * factor)
        ((answers - target[rows]) ** 2).sum().backward()
    found = {f"grad {n}": p.grad for n, p in net.named_parameters()}
    found |= dict(net.named_buffers())
    return {**found, "inputs": inputs.grad, "answers": answers.detach()}


def one_of_three(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=3
    )
    net = network()
    plain = copy.deepcopy(net)
    synchronise(net)
    torch.save(
        {
            dtype: after_two_batches(copy.deepcopy(net), SHARES[rank], dtype)
            for dtype in WITHIN
        },
        folder / f"{rank}.pt",
    )
    apart = copy.deepcopy(plain)
    synchronise(apart)
    for module in apart.modules():
        if isinstance(module, SyncBatchNorm):
            module.apart = True
    ours = after_two_batches(apart, slice(0, 9), torch.float32)
    for name, value in after_two_batches(plain, slice(0, 9), torch.float32).items():
        assert torch.equal(ours[name], value), name
    dist.destroy_process_group()


def test_three_processes_equal_one_with_all_pictures(tmp_path: Path) -> None:
    started = [
        forked(tmp_path / f"{rank}.txt", one_of_three, rank, tmp_path)
        for rank in range(3)
    ]
    for process in started:
        process.ended()
    every = [torch.load(tmp_path / f"{rank}.pt") for rank in range(3)]
    for dtype, tolerance in WITHIN.items():
        parts = [values[dtype] for values in every]
        whole = after_two_batches(network(), slice(0, 9), dtype)
        steepest = max(float(v.abs().max()) for n, v in whole.items() if "grad" in n)
        for name, value in whole.items():
            if name.startswith("grad "):
                ours = sum(part[name] for part in parts)
            elif name in ("inputs", "answers"):
                ours = torch.cat([part[name] for part in parts])
            else:
                ours = parts[0][name]
                assert torch.equal(ours, parts[1][name])
            scale = steepest if "grad" in name else float(value.abs().max())
            torch.testing.assert_close(
                ours, value, rtol=0, atol=tolerance * max(scale, 1), msg=name
            )


@pytest.mark.parametrize("affine", [True, False])
def test_it_keeps_names_tensors_and_mode(affine: bool) -> None:
    net = nn.Sequential(nn.BatchNorm2d(4, eps=1e-3, affine=affine)).eval()
    before = net.state_dict(keep_vars=True)
    synchronise(net)
    assert isinstance(net[0], SyncBatchNorm) and not net[0].training
    assert net[0].eps == 1e-3
    after = net.state_dict(keep_vars=True)
    assert list(after) == list(before)
    assert all(after[name] is before[name] for name in before)
    images = torch.randn(3, 4, 2, 2)
    plain = nn.BatchNorm2d(4, eps=1e-3, affine=affine).eval()
    plain.load_state_dict(net[0].state_dict())
    assert torch.equal(net(images), plain(images))

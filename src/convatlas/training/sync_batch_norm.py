"""Batch norm over the batches of all processes, on a CPU.

torch's own ``SyncBatchNorm`` takes tensors on a GPU only; this one does the same sums
(Ioffe & Szegedy 2015, section 3) with the collectives that a CPU has.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


class SyncBatchNorm(_BatchNorm):
    """A batch norm whose mean and variance are those of all processes' pictures.

    Attributes:
        apart: whether it looks at the own batch alone, as it must where all processes
            have the same pictures.
    """

    apart = False

    @classmethod
    def like(cls, norm: _BatchNorm) -> "SyncBatchNorm":
        """One with the parameters and buffers of a plain one, the same tensors."""
        synced = cls(
            norm.num_features,
            norm.eps,
            norm.momentum,
            affine=False,
            track_running_stats=False,
        )
        synced.affine = norm.affine
        synced.track_running_stats = norm.track_running_stats
        for name, parameter in norm.named_parameters(recurse=False):
            setattr(synced, name, parameter)
        for name, buffer in norm.named_buffers(recurse=False):
            setattr(synced, name, buffer)
        synced.training = norm.training
        return synced

    def _check_input_dim(self, input: Tensor) -> None:
        """Takes N × C and more dimensions."""

    def forward(self, input: Tensor) -> Tensor:
        if self.apart or not self.training:
            return super().forward(input)
        mean, variance, count = _statistics(input.detach())
        self._follow(mean, variance * count / (count - 1))
        accurate = torch.promote_types(input.dtype, torch.float32)
        mean, variance = mean.to(accurate), variance.to(accurate)
        normalised: Tensor = _Normalised.apply(
            input, self.weight, self.bias, mean, variance, count, self.eps
        )
        return normalised

    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        share = self.momentum
        if share is None:
            share = 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_(variance.to(self.running_var), share)


def synchronise(network: nn.Module) -> None:
    """Puts a ``SyncBatchNorm`` in the place of every batch norm inside a network."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm) and not isinstance(child, SyncBatchNorm):
                setattr(module, name, SyncBatchNorm.like(child))


def _statistics(values: Tensor) -> tuple[Tensor, Tensor, float]:
    """Mean and variance (biased) of each channel over all processes, float64, and the
    number of values behind them."""
    around = [0, *range(2, values.ndim)]
    values = values.to(torch.promote_types(values.dtype, torch.float32))
    variance, mean = torch.var_mean(values, dim=around, correction=0)
    count = values.numel() // values.shape[1]
    mine = torch.cat([mean.double(), variance.double(), torch.tensor([count])])
    every = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(every, mine)
    table = torch.stack(every)
    counts, (means, variances) = table[:, -1:], table[:, :-1].chunk(2, dim=1)
    total = counts.sum()
    mean = (means * counts).sum(0) / total
    # of the parts' variances and of the distances of their means
    variance = ((variances + (means - mean) ** 2) * counts).sum(0) / total
    return mean, variance, float(total)


class _Normalised(torch.autograd.Function):
    """(input − mean) / √(variance + eps) · weight + bias, where the statistics depend
    on the inputs of all processes."""

    @staticmethod
    def forward(
        ctx: Any,
        input: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        mean: Tensor,
        variance: Tensor,
        count: float,
        eps: float,
    ) -> Tensor:
        ctx.save_for_backward(input, weight, mean, variance)
        ctx.count, ctx.eps = count, eps
        return F.batch_norm(input, mean, variance, weight, bias, False, 0.0, eps)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        input, weight, mean, variance = ctx.saved_tensors
        # as if the statistics were constants, ...
        of_input, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            gradients[0],
            input,
            weight,
            mean,
            variance,
            None,
            None,
            False,
            ctx.eps,
            [True, True, True],
        )
        # ... then what flows back through them, from all processes (section 3)
        sums = torch.stack([of_weight, of_bias]).to(mean.dtype)
        dist.all_reduce(sums)
        to_weight, to_bias = sums / ctx.count
        inverse = torch.rsqrt(variance + ctx.eps)
        scale = inverse if weight is None else inverse * weight
        slope = scale * inverse * to_weight
        shape = [1, -1] + [1] * (input.ndim - 2)
        level = (scale * to_bias - slope * mean).view(shape)
        flowing = torch.addcmul(level, input, slope.view(shape))
        of_input = of_input - flowing.to(of_input.dtype)
        if weight is None:
            of_weight = of_bias = None
        return of_input, of_weight, of_bias, None, None, None, None

"""Operators written out plainly, against torch over random shapes and numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from convatlas.anatomy import operators as op

few = st.integers(1, 3)
seeds = st.integers(0, 10_000)
thorough = settings(max_examples=40, deadline=None, derandomize=True)
Array = NDArray[np.float64]


def numbers(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def same(ours: Array, theirs: Tensor) -> None:
    assert ours.shape == tuple(theirs.shape)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-10)


def torched(*arrays: Array) -> list[Tensor]:
    return [torch.from_numpy(a.copy()) for a in arrays]


def test_corr2d_by_hand() -> None:
    picture = np.arange(9.0).reshape(3, 3)
    kernel = np.arange(4.0).reshape(2, 2)
    assert op.corr2d(picture, kernel).tolist() == [[19, 25], [37, 43]]


def test_true_convolution_turns_the_kernel() -> None:
    impulse = np.zeros((5, 5))
    impulse[2, 2] = 1
    kernel = numbers(1, 3, 3)
    np.testing.assert_array_equal(op.true_convolution(impulse, kernel), kernel)
    np.testing.assert_array_equal(op.corr2d(impulse, kernel), kernel[::-1, ::-1])


@thorough
@given(seeds, few, few, few, few, st.integers(0, 2), few)
def test_convolution(
    seed: int,
    groups: int,
    inputs: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
) -> None:
    images = numbers(seed, 2, inputs * groups, 8, 11)
    weight = numbers(seed + 1, 2 * groups, inputs, kernel, kernel + 1)
    bias = numbers(seed + 2, 2 * groups)
    x, w, b = torched(images, weight, bias)
    expected = F.conv2d(x, w, b, stride, padding, dilation, groups)
    settings_ = (stride, padding, dilation, groups)
    same(op.conv(images, weight, bias, *settings_), expected)


def test_several_channels_are_the_sum_of_single_ones() -> None:
    images, weight = numbers(3, 1, 3, 6, 6), numbers(4, 1, 3, 3, 3)
    single = sum(op.corr2d(images[0, c], weight[0, c]) for c in range(3))
    np.testing.assert_allclose(op.conv(images, weight)[0, 0], single)


@thorough
@given(seeds, few, few)
def test_one_by_one_is_dense_over_channels(
    seed: int, inputs: int, outputs: int
) -> None:
    images, weight = numbers(seed, 2, inputs, 4, 5), numbers(seed + 1, outputs, inputs)
    bias = numbers(seed + 2, outputs)
    x, w, b = torched(images, weight, bias)
    same(op.one_by_one(images, weight, bias), F.conv2d(x, w[:, :, None, None], b))
    dense = F.linear(x.permute(0, 2, 3, 1), w, b).permute(0, 3, 1, 2)
    same(op.one_by_one(images, weight, bias), dense)


@thorough
@given(seeds, few, st.integers(1, 4), few, st.booleans())
def test_transposed_convolution(
    seed: int, channels: int, kernel: int, stride: int, cut: bool
) -> None:
    images = numbers(seed, 2, channels, 3, 4)
    weight, bias = numbers(seed + 1, channels, 2, kernel, kernel), numbers(seed, 2)
    x, w, b = torched(images, weight, bias)
    padding = int(cut and kernel > 1)
    expected = F.conv_transpose2d(x, w, b, stride, padding)
    same(op.transposed_conv(images, weight, bias, stride, padding), expected)


@thorough
@given(
    seeds, st.integers(1, 4), few, st.integers(0, 1), st.sampled_from(["max", "avg"])
)
def test_pooling(seed: int, kernel: int, stride: int, pad: int, way: str) -> None:
    images = numbers(seed, 2, 3, 8, 9)
    (x,) = torched(images)
    pad = min(pad, kernel // 2)
    ours = op.max_pool if way == "max" else op.average_pool
    theirs = F.max_pool2d if way == "max" else F.avg_pool2d
    same(ours(images, kernel, stride, pad), theirs(x, kernel, stride, pad))
    same(ours(images, kernel), theirs(x, kernel))


@thorough
@given(seeds, st.floats(0.01, 0.9))
def test_batch_norm(seed: int, momentum: float) -> None:
    images = numbers(seed, 4, 3, 2, 2) * 3 + 1
    scale, shift, mean = (numbers(seed + i, 3) for i in range(3))
    variance = numbers(seed, 3) ** 2 + 0.1
    running = op.BatchStatistics(mean, variance)
    x, s, b, m, v = torched(images, scale, shift, mean, variance)
    same(op.batch_norm_eval(images, scale, shift, running), F.batch_norm(x, m, v, s, b))
    expected = F.batch_norm(x, m, v, s, b, True, momentum)  # changes m and v
    ours, after = op.batch_norm_train(images, scale, shift, running, momentum)
    same(ours, expected)
    same(after.mean, m)
    same(after.variance, v)


def test_batch_norm_after_training_treats_pictures_alone() -> None:
    images = numbers(5, 4, 2, 3, 3)
    ones, zeros = np.ones(2), np.zeros(2)
    running = op.BatchStatistics(zeros, ones)
    together = op.batch_norm_eval(images, ones, zeros, running)
    alone = op.batch_norm_eval(images[:1], ones, zeros, running)
    np.testing.assert_array_equal(together[:1], alone)


@thorough
@given(seeds)
def test_layer_norm(seed: int) -> None:
    values, scale, shift = numbers(seed, 3, 2, 4), numbers(seed, 2, 4), numbers(1, 2, 4)
    x, s, b = torched(values, scale, shift)
    same(op.layer_norm(values, scale, shift), F.layer_norm(x, (2, 4), s, b))


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_dropout_keeps_the_expectation(p: float) -> None:
    random = np.random.default_rng(0)
    ones = np.ones(200_000)
    dropped = op.dropout(ones, p, random)
    assert dropped.mean() == pytest.approx(1, abs=0.02)
    assert (dropped == 0).mean() == pytest.approx(p, abs=0.01)
    assert op.dropout(ones, p, random, training=False) is ones


def test_dropout_of_everything() -> None:
    assert not op.dropout(np.ones(9), 1.0, np.random.default_rng(0)).any()


@thorough
@given(seeds, st.floats(0.001, 2))
def test_penalties_and_their_gradients(seed: int, strength: float) -> None:
    weights = numbers(seed, 6)
    (w,) = torched(weights)
    w.requires_grad_()
    for penalty, gradient, expected in (
        (op.l1_penalty, op.l1_gradient, strength * w.abs().sum()),
        (op.l2_penalty, op.l2_gradient, strength / 2 * (w**2).sum()),
    ):
        assert penalty(weights, strength) == pytest.approx(expected.item())
        same(gradient(weights, strength), torch.autograd.grad(expected, w)[0])


def stepped(optimizer: torch.optim.Optimizer, w: Tensor, gradients: Array) -> None:
    for gradient in gradients:
        w.grad = torch.from_numpy(gradient.copy())
        optimizer.step()


@thorough
@given(
    seeds, st.sampled_from([0.0, 0.5, 0.9]), st.booleans(), st.sampled_from([0, 0.1])
)
def test_sgd(seed: int, momentum: float, nesterov: bool, decay: float) -> None:
    weights, gradients = numbers(seed, 5), numbers(seed + 1, 4, 5)
    nesterov = nesterov and momentum > 0
    (w,) = torched(weights)
    w.requires_grad_()
    options = {"momentum": momentum, "nesterov": nesterov, "weight_decay": decay}
    stepped(torch.optim.SGD([w], 0.1, **options), w, gradients)
    rule, state = op.Sgd(0.1, momentum, nesterov, decay), op.SgdState()
    for gradient in gradients:
        weights, state = rule.step(weights, gradient, state)
    same(weights, w)


@thorough
@given(seeds, st.sampled_from([0.0, 0.1]), st.booleans())
def test_adam_and_adamw(seed: int, decay: float, decoupled: bool) -> None:
    weights, gradients = numbers(seed, 5), numbers(seed + 1, 4, 5)
    (w,) = torched(weights)
    w.requires_grad_()
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    stepped(kind([w], 0.01, weight_decay=decay), w, gradients)
    rule = op.Adam(0.01, weight_decay=decay, decoupled=decoupled)
    state = op.AdamState()
    for gradient in gradients:
        weights, state = rule.step(weights, gradient, state)
    same(weights, w)
    assert state.steps == 4


def test_adam_hardly_decays_a_weight_with_large_gradients_and_adamw_does() -> None:
    start, gradient = np.array([1.0, 1.0]), np.array([100.0, 0.0])

    def after(decay: float, decoupled: bool) -> Array:
        weights, state = start, op.AdamState()
        rule = op.Adam(0.01, weight_decay=decay, decoupled=decoupled)
        for _ in range(10):
            weights, state = rule.step(weights, gradient, state)
        return weights

    lost_to_penalty = after(0, False) - after(0.1, False)
    lost_to_decay = after(0, True) - after(0.1, True)
    assert lost_to_penalty[0] < 1e-6  # the gradient's size hides the penalty
    assert lost_to_penalty[1] > 0.09  # and without a gradient it is all there is
    # after ten steps of .01 × .1, of what is left each time
    assert lost_to_decay[1] == pytest.approx(1 - 0.999**10)
    assert lost_to_decay[0] > 0.009

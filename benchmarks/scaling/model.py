"""A paper model of data-parallel training: what one step of n workers costs.

Every worker computes the gradients of its own share of a batch, then a ring sums them:
each of the n workers sends and receives 2 (n - 1) / n of the gradients' bytes, in
2 (n - 1) rounds (Patarasu & Yuan 2009). torch's DistributedDataParallel sends buckets
of 25 MiB while the backward pass goes on (Li et al. 2020, arXiv:2006.15704), so that
only what is left at its end is waited for.
"""

from dataclasses import dataclass

FLOAT_BYTES = 4
BUCKET_BYTES = 25 * 2**20  # DistributedDataParallel's own
BACKWARD_SHARE = 2 / 3  # of a step: two products for each one of the forward pass
FLOPS_PER_MAC = 3 * 2  # forward and backward, a multiplication and an addition


@dataclass(frozen=True)
class Link:
    """What connects the workers.

    Attributes:
        bandwidth: bytes per second that a worker sends while it receives as many.
        latency: seconds of one round.
        overlaps: whether sums are made beside the backward pass; not where the cores
            that compute also send.
    """

    bandwidth: float
    latency: float
    overlaps: bool = True


def all_reduce_seconds(workers: int, size_bytes: float, link: Link) -> float:
    """Of a ring that sums ``size_bytes`` over all workers."""
    if workers == 1:
        return 0.0
    moved = 2 * (workers - 1) / workers * size_bytes
    return moved / link.bandwidth + 2 * (workers - 1) * link.latency


def waiting_seconds(
    workers: int, size_bytes: float, computing: float, link: Link
) -> float:
    """What a step waits for the sum of its gradients.

    Args:
        workers: number of them.
        size_bytes: of the gradients.
        computing: seconds of forward and backward pass.
        link: between the workers.
    """
    whole = all_reduce_seconds(workers, size_bytes, link)
    if not link.overlaps:
        return whole
    # the first layers' gradients come last and have nothing left to hide behind
    last = all_reduce_seconds(workers, min(size_bytes, BUCKET_BYTES), link)
    return max(whole - BACKWARD_SHARE * computing, last)


def efficiency(workers: int, size_bytes: float, computing: float, link: Link) -> float:
    """Share of a step that is spent computing, each worker with a batch of its own."""
    waiting = waiting_seconds(workers, size_bytes, computing, link)
    return computing / (computing + waiting)


def computing_seconds(
    macs: float, pictures: int, flops: float, least: float = 0.0
) -> float:
    """Of forward and backward pass.

    Args:
        macs: of the forward pass of one picture.
        pictures: in a worker's batch.
        flops: floating-point operations per second that a worker keeps up.
        least: what even a tiny network takes.
    """
    return max(FLOPS_PER_MAC * macs * pictures / flops, least)

import pytest
import torch

from convatlas.training.examples import Examples
from convatlas.training.streaming import Streamed, free_bytes, placed

CPU = torch.device("cpu")


def examples() -> Examples:
    generator = torch.Generator().manual_seed(0)
    return Examples(
        images=torch.randint(0, 255, (9, 2, 3, 4), generator=generator).byte(),
        labels=torch.arange(9),
        classes=9,
        boxes=torch.rand(9, 1, 4, generator=generator),
        sizes=torch.randint(1, 99, (9, 2), generator=generator),
    )


@pytest.mark.parametrize("rows", [torch.tensor([7, 0, 7, 3]), slice(2, 6)])
def test_sent_batches_are_those_that_lie_there(rows: torch.Tensor | slice) -> None:
    there, streamed = examples(), placed(examples(), CPU, "host")
    assert isinstance(streamed, Streamed) and len(streamed) == 9
    expected, found = there.taken(rows), streamed.taken(rows)
    assert type(found) is Examples
    for name in ("images", "labels", "boxes", "sizes"):
        assert torch.equal(getattr(found, name), getattr(expected, name))
    assert found.images.data_ptr() != streamed.images.data_ptr()


def test_what_is_not_known_stays_unknown() -> None:
    bare = Examples(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.arange(2), 2)
    found = placed(bare, CPU, "host").taken(torch.tensor([1]))
    assert found.boxes is None and found.sizes is None


def test_a_processor_keeps_its_pictures_where_they_are() -> None:
    known = examples()
    assert placed(known, CPU).images is known.images
    assert free_bytes(CPU) == float("inf")


def test_pictures_that_fill_a_device_stay_on_the_host(monkeypatch) -> None:
    size = examples().images.nbytes
    for free, kind in ((2 * size, Examples), (2 * size - 1, Streamed)):
        monkeypatch.setattr(
            "convatlas.training.streaming.free_bytes", lambda device, free=free: free
        )
        assert type(placed(examples(), CPU)) is kind
        assert type(placed(examples(), CPU, "device")) is Examples


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_batches_of_a_gpu_arrive_whole_while_it_computes() -> None:
    gpu = torch.device("cuda")
    images = torch.randint(0, 255, (4096, 3, 64, 64), dtype=torch.uint8)
    known = Examples(images, torch.arange(4096), 4096)
    streamed = placed(known, gpu, "host")
    busy = torch.rand(2048, 2048, device=gpu)
    sums = []
    for start in range(0, 4096, 256):
        busy = busy @ busy / 1024
        rows = torch.arange(start, start + 256)
        batch = streamed.taken(rows)
        assert batch.images.device.type == batch.labels.device.type == "cuda"
        sums.append(batch.images.long().sum())
    expected = [part.long().sum() for part in images.split(256)]
    assert torch.stack(sums).cpu().tolist() == torch.stack(expected).tolist()

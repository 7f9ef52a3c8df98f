import pytest
import torch

from convatlas import machine
from convatlas.errors import UsageError


def test_the_processor_has_a_name() -> None:
    assert len(machine.processor()) > 3


@pytest.mark.parametrize("maker", ["GenuineIntel", "AuthenticAMD"])
def test_who_made_the_processor(maker: str, monkeypatch, tmp_path) -> None:
    said = tmp_path / "cpuinfo"
    said.write_text(f"processor\t: 0\nvendor_id\t: {maker}\n")
    monkeypatch.setattr(machine, "Path", lambda name: said)
    machine.by_intel.cache_clear()
    assert machine.by_intel() == (maker == "GenuineIntel")
    said.unlink()  # not Linux: the platform tells
    monkeypatch.setattr(machine.platform, "processor", lambda: f"Family 6, {maker}")
    machine.by_intel.cache_clear()
    assert machine.by_intel() == (maker == "GenuineIntel")
    machine.by_intel.cache_clear()


def test_devices() -> None:
    assert machine.choose_device("cpu") == torch.device("cpu")
    assert machine.choose_device("auto").type in ("cpu", "cuda", "mps")
    for name in ("gpu", "meta", "cuda:99"):
        with pytest.raises(UsageError, match=name) as caught:
            machine.choose_device(name)
        assert "\n" not in str(caught.value)


def test_what_a_run_remembers_of_its_machine() -> None:
    described = machine.described(torch.device("cpu"))
    assert described["torch"] == torch.__version__
    assert described["threads"] >= 1

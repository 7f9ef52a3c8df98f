import pytest
import torch

from convatlas import machine
from convatlas.errors import UsageError


def test_the_processor_has_a_name() -> None:
    assert len(machine.processor()) > 3


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

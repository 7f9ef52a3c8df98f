import pytest

from convatlas.errors import UsageError
from convatlas.launch import Launch

TORCHRUN = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
    "TORCHELASTIC_RESTART_COUNT": "1",
    "TORCHELASTIC_MAX_RESTARTS": "3",
}


def test_what_torchrun_says() -> None:
    assert Launch.found(TORCHRUN) == Launch(3, 4, 1, 2, attempt=1, attempts_left=2)


def test_nobody_said_anything() -> None:
    assert Launch.found({}) is None
    assert Launch.found({"RANK": "0", "WORLD_SIZE": "2"}) is None


def test_another_launcher_may_say_less() -> None:
    least = {name: TORCHRUN[name] for name in list(TORCHRUN) if "LOCAL" not in name}
    del least["TORCHELASTIC_RESTART_COUNT"], least["TORCHELASTIC_MAX_RESTARTS"]
    assert Launch.found(least) == Launch(3, 4, 3, 4)


def test_no_number() -> None:
    with pytest.raises(UsageError, match="RANK = 'first', which is no number"):
        Launch.found({**TORCHRUN, "RANK": "first"})

from pathlib import Path

import pytest

from convatlas.data.location import cache_folder


def test_a_folder_that_is_closed_to_writing_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    data = tmp_path / "data"
    assert cache_folder(data) == data / "decoded"
    data.mkdir()
    assert cache_folder(data) == data / "decoded"
    data.chmod(0o555)  # says "do not write", even to the superuser who could
    try:
        assert tmp_path in cache_folder(data).parents
        assert data not in cache_folder(data).parents
    finally:
        data.chmod(0o755)

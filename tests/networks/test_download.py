import hashlib
from pathlib import Path

import pytest

from convatlas.errors import NetworkError
from convatlas.networks.download import download


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where PyTorch keeps checkpoints, for this test alone."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path / "hub" / "checkpoints"


def test_fetches_once(server, checkpoints: Path) -> None:
    content = bytes(range(256)) * 9000
    name = f"net-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    server.files[f"/{name}"] = content
    for _ in range(2):
        assert download(f"{server.url}/{name}").read_bytes() == content
    assert len(server.asked) == 1
    assert [path.name for path in checkpoints.iterdir()] == [name]


def test_a_damaged_file_is_not_kept(server, checkpoints: Path) -> None:
    server.files["/net-0123abcd.pth"] = b"half a file"
    with pytest.raises(NetworkError, match="wrong checksum") as error:
        download(f"{server.url}/net-0123abcd.pth")
    assert "\n" not in str(error.value)
    assert list(checkpoints.iterdir()) == []


def test_a_missing_file_says_what_to_do(server, checkpoints: Path) -> None:
    with pytest.raises(NetworkError) as error:
        download(f"{server.url}/net-0123abcd.pth")
    text = str(error.value)
    assert text.startswith("net-0123abcd.pth could not be fetched (")
    assert "HTTP 404 Not Found" in text
    assert text.endswith(f"give the file's path, or put it into {checkpoints}")
    assert list(checkpoints.iterdir()) == []

import hashlib
import socket
from pathlib import Path

import pytest

from convatlas.download import fetch
from convatlas.errors import MissingData

CONTENT = bytes(range(256)) * 4000
MD5 = hashlib.md5(CONTENT).hexdigest()


def nobody_listens() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_file_arrives_whole_and_nothing_else_is_left(server, tmp_path: Path) -> None:
    server.files["/a.gz"] = CONTENT
    heard = []
    target = tmp_path / "数据" / "a.gz"
    fetch(
        [f"{server.url}/a.gz"],
        target,
        f"md5:{MD5}",
        lambda *progress: heard.append(progress),
    )
    assert target.read_bytes() == CONTENT
    assert [p.name for p in target.parent.iterdir()] == ["a.gz"]
    assert heard[0] == ("a.gz", 0, len(CONTENT), "bytes")
    assert heard[-1] == ("a.gz", len(CONTENT), len(CONTENT), "bytes")


def test_the_next_mirror_is_asked_after_a_404(server, tmp_path: Path) -> None:
    server.files["/good/a"] = CONTENT
    fetch([f"{server.url}/bad/a", f"{server.url}/good/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [path for path, _ in server.asked] == ["/bad/a", "/good/a"]


def test_the_next_mirror_is_asked_after_a_wrong_checksum(
    server, tmp_path: Path
) -> None:
    server.files["/bad/a"] = b"<html>please log in</html>"
    server.files["/good/a"] = CONTENT
    fetch([f"{server.url}/bad/a", f"{server.url}/good/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_wrong_file_is_never_kept(server, tmp_path: Path) -> None:
    server.files["/a"] = b"something else"
    with pytest.raises(MissingData, match="a could not be fetched .*wrong checksum"):
        fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_line_goes_on_where_it_broke(server, tmp_path: Path) -> None:
    server.files["/a"] = CONTENT
    server.cut_after["/a"] = 300_000
    fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.asked == [("/a", None), ("/a", "bytes=300000-")]


def test_what_an_earlier_call_left_is_used(server, tmp_path: Path) -> None:
    server.files["/a"] = CONTENT
    (tmp_path / "a.part").write_bytes(CONTENT[:1000])
    fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.asked == [("/a", "bytes=1000-")]


def test_a_wrong_beginning_left_behind_is_thrown_away(server, tmp_path: Path) -> None:
    server.files["/a"] = CONTENT
    (tmp_path / "a.part").write_bytes(b"wrong" * 10)
    fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.asked == [("/a", "bytes=50-"), ("/a", None)]


def test_a_whole_file_left_behind_is_not_fetched_again(server, tmp_path: Path) -> None:
    server.files["/a"] = CONTENT
    (tmp_path / "a.part").write_bytes(CONTENT)
    fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all(server, tmp_path: Path) -> None:
    server.files["/a"] = CONTENT
    server.ranges = False
    (tmp_path / "a.part").write_bytes(CONTENT[:1000])
    fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_server_that_is_down_is_named(tmp_path: Path) -> None:
    url = nobody_listens()
    with pytest.raises(MissingData) as caught:
        fetch([f"{url}/a", f"{url}/b"], tmp_path / "a", f"md5:{MD5}")
    host = url.removeprefix("http://")
    assert str(caught.value) == (
        f"a could not be fetched ({host}: connection refused; "
        f"{host}: connection refused)"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_404_everywhere_says_so(server, tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="HTTP 404 Not Found"):
        fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")


def test_two_downloads_of_one_file_do_not_mix(server, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with (tmp_path / "a.part").open("a+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(MissingData, match="another program is fetching"):
            fetch([f"{server.url}/a"], tmp_path / "a", f"md5:{MD5}")


def test_a_folder_that_cannot_be_written(server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MissingData, match="cannot be written"):
        fetch([f"{server.url}/a"], tmp_path / "file" / "a", f"md5:{MD5}")

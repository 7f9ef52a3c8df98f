import pytest

from convatlas.cli.data_progress import DataProgress


def two_jobs(progress: DataProgress) -> None:
    with progress:
        progress("a.gz", 0, 2000, "bytes")
        progress("a.gz", 2000, 2000, "bytes")
        progress("b.gz", 500, 0, "bytes")  # nobody knows how large it is
        progress("decoding", 3, 7, "pictures")


def test_a_terminal_shows_each_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    two_jobs(DataProgress())
    out, errors = capsys.readouterr()
    assert out == ""
    for words in ("a.gz", "2.0/2.0 kB", "b.gz", "decoding", "3/7", "pictures"):
        assert words in errors


def test_a_file_or_pipe_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    two_jobs(DataProgress())
    assert capsys.readouterr() == ("", "")


def test_a_fault_leaves_the_terminal_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(ValueError), DataProgress() as progress:
        progress("a.gz", 1, 2, "bytes")
        raise ValueError
    assert capsys.readouterr().err.count("\x1b[?25h") == 1  # the cursor is back

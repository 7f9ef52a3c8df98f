"""``convatlas read`` as it is typed, in processes of its own where that matters."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.ended import status as exit_status

from ..reading.oracle import oracle_bundle, painted

CONVATLAS = [sys.executable, "-m", "convatlas"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(oracle_bundle(tmp_path_factory.mktemp("oracle")).folder)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in ("7", "42", "905"):
        painted(number).save(tmp_path / f"door {number}.png")
    return tmp_path


Command = Callable[..., tuple[str, str]]


@pytest.fixture
def convatlas(capsys: pytest.CaptureFixture[str]) -> Command:
    """``convatlas read`` in this process: what it printed and what it complained of."""

    def read(*arguments: object, status: int = 0) -> tuple[str, str]:
        ended = exit_status("read", *map(str, arguments))
        out, errors = capsys.readouterr()
        assert ended == status, errors
        return out, errors

    return read


def piped(*arguments: object, status: int = 0, given: bytes) -> tuple[str, str]:
    """The same in a process of its own, with something on its standard input."""
    done = subprocess.run(
        [*CONVATLAS, "read", *map(str, arguments)],
        input=given,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == status, done.stderr
    return done.stdout.decode(), done.stderr.decode()


def test_table_json_and_csv(photos: Path, reader: str, convatlas: Command) -> None:
    table, _ = convatlas(photos, "--reader", reader)
    head, *rows = table.splitlines()
    assert head.split() == ["number", "sure", "time", "digits"]
    assert [row.split(".png")[1].split()[0] for row in rows] == ["7", "42", "905"]

    lines, _ = convatlas(photos, "--reader", reader, "--json")
    told = [json.loads(line) for line in lines.splitlines()]
    assert [one["number"] for one in told] == ["7", "42", "905"]
    assert told[1]["box"] == pytest.approx([60, 30, 120, 70], abs=1)
    assert len(told[2]["digits"]) == 3 and told[0]["milliseconds"] > 0

    text, _ = convatlas(photos, "--reader", reader, "--csv")
    rows_of_csv = list(csv.DictReader(io.StringIO(text)))
    names = ["file", "number", "confidence", "left", "top", "right", "bottom"]
    assert list(rows_of_csv[0]) == names
    assert [row["number"] for row in rows_of_csv] == ["7", "42", "905"]


def test_what_is_not_sure_enough_is_not_said(
    photos: Path, reader: str, convatlas: Command
) -> None:
    asked = (photos, "--reader", reader, "--min-confidence", 1)
    assert convatlas(*asked)[0].splitlines()[1].split(".png")[1].split()[0] == "-"
    assert convatlas(*asked, "--csv")[0].splitlines()[1].split(",")[1] == "-"
    line = json.loads(convatlas(*asked, "--json")[0].splitlines()[0])
    assert line["number"] is None and 0.9 < line["confidence"] < 1


def test_bad_pictures_are_told_and_counted_in_the_exit_status(
    photos: Path, reader: str, convatlas: Command
) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    out, errors = convatlas(photos, "gone.png", "--reader", reader, status=1)
    assert len(out.splitlines()) == 4
    first, second = errors.splitlines()
    assert "bad.jpg: is no picture" in first and "gone.png: no such file" in second
    out, errors = convatlas(photos / "bad.jpg", "--reader", reader, status=2)
    assert out == "" and len(errors.splitlines()) == 1


def test_standard_input_is_a_picture_or_a_list(photos: Path, reader: str) -> None:
    picture = (photos / "door 42.png").read_bytes()
    out, _ = piped("-", "--reader", reader, "--csv", given=picture)
    assert out.splitlines()[1].startswith("-,42,")
    names = f"{photos}/door 7.png\n\n{photos}/gone.png\r\n{photos}/door 905.png"
    out, errors = piped(
        *("-", "--list", "--reader", reader, "--csv"), given=names.encode(), status=1
    )
    numbers = [line.split(",")[1] for line in out.splitlines()]
    assert numbers == ["number", "7", "905"]
    assert "gone.png: no such file" in errors
    _, errors = piped("-", "--reader", reader, given=b"", status=2)
    assert errors == "convatlas: -: is empty (0 bytes)\n"


def test_wrong_arguments_are_one_line(
    photos: Path, reader: str, convatlas: Command
) -> None:
    for arguments, words in (
        ((photos, "--json", "--csv"), "--json and --csv"),
        ((photos, "--digits", "many"), "--digits 'many'"),
        ((photos, "--list"), "--list: the names come on standard input"),
        ((photos, "--threads", 0), "--threads 0"),
        ((photos, "--jsonl"), "--jsonl"),
        ((photos, "--reader", photos), "is no reader"),
        ((), "PICTURES"),
    ):
        out, errors = convatlas(*arguments, status=2)
        assert out == "" and words in errors and len(errors.splitlines()) == 1, errors


def test_boxes_are_written(
    photos: Path, reader: str, tmp_path: Path, convatlas: Command
) -> None:
    out, _ = convatlas(
        *(photos, "--reader", reader, "--json", "--boxes", tmp_path / "out")
    )
    drawn = [Path(json.loads(line)["drawn"]) for line in out.splitlines()]
    assert [path.name for path in drawn] == [
        "door 7.png",
        "door 42.png",
        "door 905.png",
    ]
    assert sorted(drawn) == sorted((tmp_path / "out").iterdir())


def test_ctrl_c_keeps_what_was_printed(photos: Path, reader: str) -> None:
    process = subprocess.Popen(
        [*CONVATLAS, "read", "-", "--list", "--reader", reader, "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin is not None and process.stdout is not None
    # more names than are looked at ahead, and no end of the list
    for copy in range(60):
        (photos / f"{copy}.png").write_bytes((photos / "door 42.png").read_bytes())
        process.stdin.write(f"{photos}/{copy}.png\n")
    process.stdin.flush()
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=120)  # before its input ends, which would end it as well
    rest, errors = process.communicate()
    assert json.loads(first)["number"] == "42"
    assert all(json.loads(line)["number"] == "42" for line in rest.splitlines())
    assert process.returncode == 130 and "Traceback" not in errors


def test_reading_does_not_wait_for_torch(photos: Path, reader: str) -> None:
    program = (
        "import sys, convatlas\n"
        f"read = convatlas.read({str(photos)!r}, reader={reader!r})\n"
        "print([one.number for one in read.readings])\n"
        "heavy = ('torch', 'torchvision', 'matplotlib', 'onnx', 'pydantic')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["['7', '42', '905']", "[]"]


def test_a_picture_is_read_without_torch_on_the_command_line(
    photos: Path, reader: str
) -> None:
    program = (
        "import sys\nfrom convatlas.cli import main\n"
        f"try: main(['read', {str(photos)!r}, '--reader', {reader!r}])\n"
        "finally: print('torch' in sys.modules, 'matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False False"

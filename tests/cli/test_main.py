import shlex
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from cyclopts import App
from PIL import Image

from convatlas.cli import COMMANDS, main, overview

COMMAND_NAMES = [name for group in COMMANDS.values() for name in group]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit:
        main(list(arguments))
    written = capsys.readouterr()
    return int(exit.value.code or 0), written.out, written.err


@pytest.mark.parametrize("flag", ["--help", "-h", "help"])
def test_help_lists_every_command(flag: str, capsys) -> None:
    status, out, err = run(capsys, flag)
    assert status == 0 and err == ""
    for name in COMMAND_NAMES:
        assert f"  {name} " in out


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom convatlas.cli import overview\noverview()\n"
        "print({'torch', 'numpy', 'pydantic', 'cyclopts', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_garbage_is_looked_for_after_the_imports_but_not_at_the_exit() -> None:
    program = (
        "import atexit, gc\nusual = gc.get_threshold()\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from convatlas.cli import main\n"
        "try: main(['data', '--help'])\nexcept SystemExit: pass\n"
        "print(gc.get_threshold()[0] > 100_000)\ngc.collect()\n"
        "print(gc.get_threshold() == usual)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-3:] == ["True", "True", "True"]


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_has_an_app_and_teaches(name: str, capsys) -> None:
    module = import_module(f"convatlas.cli.{name.replace('-', '_')}")
    assert isinstance(module.app, App)
    status, out, _ = run(capsys, name, "--help")
    assert status == 0
    assert f"convatlas {name}" in out
    function = module.app.default_command
    taught = module.app.help or (function.__doc__ if function else "")
    first_words = taught.strip().splitlines()[0][:40]
    assert len(first_words) > 10 and first_words in out


def test_a_typo_is_one_line_and_status_2(capsys) -> None:
    status, out, err = run(capsys, "trian")
    assert status == 2 and out == ""
    assert err == (
        "convatlas: no command is called 'trian'; did you mean train? "
        "('convatlas --help')\n"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["train", "lenet6"], "no network is called 'lenet6'"),
        (["train", "--lrr", "1"], "Unknown option: --lrr"),
        (["train", "--lr", "fast"], "lr = 'fast': input should be a valid number"),
        (["train", "--lr", "-1"], "flags: lr = -1.0: input should be greater than 0"),
        (["train", "--data", "mnits"], "no data set is called 'mnits'; did you mean"),
        (["train", "--recipe", "x.toml"], "x.toml: cannot be read"),
        (["train", "--resume", "nowhere"], "nowhere: is not a run"),
        (["train", "--resume", "x", "--lr", "1"], "--lr 1.0 cannot go with --resume"),
        (["train", "--input", "28by28"], "--input 28by28: must be a side in pixels"),
        (["evaluate", "nowhere"], "nowhere: is not a run"),
        (["evaluate", "x", "--split", "dev"], "--split"),
        (["predict", "nowhere", "x.png"], "nowhere: is not a run"),
        (["predict"], "RUN"),
        (["predict", "x", "y", "--json", "--csv"], "--json and --csv: choose one"),
        (["lr-find", "--lowest", "1", "--highest", "0.1"], "--lowest 1 --highest 0.1"),
        (["lr-find", "--steps", "3"], "--steps 3: at least 10"),
        (["recipes", "nothing"], "no recipe is called 'nothing'"),
    ],
)
def test_faults_are_one_line_and_status_2(
    arguments: list[str], text: str, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert text in err and err.count("\n") == 1 and err.startswith("convatlas: ")
    assert list(tmp_path.iterdir()) == []


def test_version_is_that_of_the_package(capsys) -> None:
    from importlib.metadata import version

    assert run(capsys, "--version")[1] == f"convatlas {version('convatlas')}\n"


def test_a_reader_that_goes_away_is_no_fault() -> None:
    done = subprocess.run(
        f"{sys.executable} -m convatlas recipes tutorial-003-lenet | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stderr == ""


def output_to(redirection: str, *arguments: str) -> tuple[int, str]:
    """Status and errors of a command whose output a shell sends elsewhere."""
    command = shlex.join([sys.executable, "-m", "convatlas", *arguments])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} {redirection}"],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["recipes"]], ids=" ".join)
def test_output_that_nobody_takes(arguments: list[str]) -> None:
    # the reader of a pipe is gone before anything comes, or output is closed
    assert output_to("| true", *arguments) == (0, "")
    assert output_to(">&-", *arguments) == (0, "")
    assert output_to(">/dev/full", *arguments) == (
        2,
        "convatlas: standard output: no space left on device\n",
    )


def test_a_fault_keeps_its_status_where_it_cannot_be_told() -> None:
    assert output_to("2>/dev/full", "trian") == (2, "")


def test_ctrl_c_is_said_and_has_its_status(tmp_path: Path) -> None:
    many, first = 2_000, tmp_path / "0.png"
    Image.new("RGB", (40, 30), "gray").save(first)
    for number in range(1, many):
        (tmp_path / f"{number}.png").hardlink_to(first)
    with subprocess.Popen(
        [sys.executable, "-m", "convatlas", "read", tmp_path, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout and child.stderr
        assert "0.png" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        said, error = child.communicate(timeout=120)
    assert (child.returncode, error) == (130, "convatlas: stopped\n")
    assert said.count("\n") < many - 1


def test_the_overview_fits_a_narrow_terminal() -> None:
    assert max(map(len, overview().splitlines())) <= 88

"""Small libraries, compiled by the machine's own compiler and kept for later."""

import ctypes
import os
import platform
import sys
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from shutil import which
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryDirectory

from platformdirs import user_cache_path

# -march=native: what the processor has. -fopenmp: torch's own threads, since its OpenMP
# library is loaded already under the same name.
FLAGS = ("-std=c++17", "-O2", "-march=native", "-fopenmp", "-shared", "-fPIC")
SILENT = ("-w",)
MOST_SECONDS = 60.0
FOLDER = "native"  # in the platform's cache folder


class NotBuilt(Exception):
    """Why there is no such library, in a line."""


def compiler() -> str | None:
    """The program's path; None where none is found, or none that this module knows."""
    if sys.platform != "linux":  # elsewhere the usual ones come without OpenMP
        return None
    return which(os.environ.get("CXX", "g++"))


@dataclass
class Build:
    """A library that is being compiled, or is there already.

    Attributes:
        path: of the library.
        running: what compiles it and the folder that it writes to, which goes with
            this object; None where the library is there.
    """

    path: Path
    running: tuple["Popen[str]", "TemporaryDirectory[str]"] | None = None

    @classmethod
    def begun(cls, source: str, defines: dict[str, str]) -> "Build":
        """Starts the compiler if the library is not there.

        Args:
            source: name of a file in this folder.
            defines: macros by name.

        Raises:
            NotBuilt: no compiler, or no folder to write to.
        """
        program = compiler()
        if program is None:
            raise NotBuilt("no C++ compiler is found (g++, or what CXX names)")
        code = files(__package__).joinpath(source).read_bytes()
        command = [program, *FLAGS, *SILENT]
        command += [f"-D{name}={value}" for name, value in defines.items()]
        known = b"\0".join([code, *map(os.fsencode, command), _processor()])
        name = f"{Path(source).stem}-{sha256(known).hexdigest()[:16]}.so"
        path = user_cache_path("convatlas") / FOLDER / name
        if path.exists():
            return cls(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = TemporaryDirectory(dir=path.parent, prefix=".building-")
            copied = Path(folder.name, source)
            copied.write_bytes(code)
            command += ["-o", str(Path(folder.name, name)), str(copied)]
            running = Popen(command, stderr=PIPE, text=True, errors="replace")
        except OSError as error:
            raise NotBuilt(f"{path.parent}: {error.strerror or error}") from None
        return cls(path, (running, folder))

    def library(self) -> ctypes.CDLL:
        """Waits until it is compiled, and loads it.

        Raises:
            NotBuilt: the compiler failed, or what it wrote cannot be loaded.
        """
        if self.running is not None:
            self._finish(*self.running)
            self.running = None
        try:
            return ctypes.CDLL(str(self.path))
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise NotBuilt(str(error)) from None

    def _finish(self, running: "Popen[str]", folder: "TemporaryDirectory[str]") -> None:
        try:
            _, said = running.communicate(timeout=MOST_SECONDS)
            if running.returncode:
                lines = said.strip().splitlines() or ["it says nothing"]
                raise NotBuilt(f"the compiler failed: {lines[0]}")
            Path(folder.name, self.path.name).replace(self.path)
        except TimeoutExpired:
            running.kill()
            running.communicate()
            raise NotBuilt(f"compiling took longer than {MOST_SECONDS:g} s") from None
        except OSError as error:
            raise NotBuilt(f"{self.path}: {error.strerror or error}") from None
        finally:
            folder.cleanup()


def _processor() -> bytes:
    """What tells processors apart that ``-march=native`` differs for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor().encode()
    kinds = ("vendor_id", "cpu family", "model", "model name", "flags", "Features")
    known = {key.strip(): value for key, _, value in (x.partition(":") for x in lines)}
    return "".join(known.get(kind, "") for kind in kinds).encode()

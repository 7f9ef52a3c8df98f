"""A run directory: the only code that knows its file names and format version.

=================== ============================================================
run.json            what was trained how: all of ``RunInfo``
history.csv         a row an epoch
best.safetensors    weights of the epoch with the best validation accuracy
last.ckpt           all that a bit-exact resume needs
test.json           figures on a named split (``evaluate``)
calibration.json    temperature of a reader's confidences (``evaluate``)
model.onnx          the network for ONNX Runtime (``export``)
card.md             a model card
pictures            ``*.png``, drawn by ``train`` and ``evaluate``
=================== ============================================================

Every file is written under a temporary name, synced and renamed, so a run is whole
after any crash. ``files``, ``info``, ``history`` and ``naming`` work without torch, so
the names here are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convatlas.runs.elsewhere import RunElsewhere
    from convatlas.runs.folder import find_runs, newest_run
    from convatlas.runs.info import RunInfo
    from convatlas.runs.naming import free_path
    from convatlas.runs.run import Run

_HOMES = {
    "Run": "run",
    "RunElsewhere": "elsewhere",
    "RunInfo": "info",
    "find_runs": "folder",
    "free_path": "naming",
    "newest_run": "folder",
}

__all__ = ["Run", "RunElsewhere", "RunInfo", "find_runs", "free_path", "newest_run"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

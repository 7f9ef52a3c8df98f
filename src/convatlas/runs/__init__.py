"""A run directory: the only code that knows its file names and format version.

=================== ============================================================
run.json            what was trained how: all of ``RunInfo``
history.csv         a row an epoch
best.safetensors    weights of the epoch with the best validation accuracy
last.ckpt           all that a bit-exact resume needs
test.json           figures on a named split (``evaluate``)
calibration.json    temperature of a reader's confidences (``evaluate``)
card.md             a model card
pictures            ``*.png``, drawn by ``train`` and ``evaluate``
=================== ============================================================

Every file is written under a temporary name, synced and renamed, so a run is whole
after any crash.
"""

from convatlas.runs.elsewhere import RunElsewhere
from convatlas.runs.folder import find_runs, free_path, newest_run
from convatlas.runs.info import RunInfo
from convatlas.runs.run import Run

__all__ = ["Run", "RunElsewhere", "RunInfo", "find_runs", "free_path", "newest_run"]

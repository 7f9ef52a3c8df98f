import sys
from pathlib import Path

import pytest

from convatlas.errors import MissingExtra
from convatlas.tensorboard_events import TensorBoardEvents
from convatlas.verbs.train import train


def test_without_tensorboard_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    with pytest.raises(MissingExtra, match=r"pip install 'convatlas\[tensorboard\]'"):
        TensorBoardEvents(tmp_path)
    with pytest.raises(MissingExtra):
        train(out=tmp_path / "run", tensorboard=True)
    assert list(tmp_path.iterdir()) == []

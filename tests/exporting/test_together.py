"""Several runs that read as one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from convatlas.errors import UsageError
from convatlas.exporting.graph import graph_of
from convatlas.exporting.onnx_file import FEATURES, Runner, onnx_model
from convatlas.runs import Run
from convatlas.verbs.export_reader import export_reader

from ..verbs.house_numbers import folder_of_numbers, quick_run

NETWORK = "lenet5-tanh:digits"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    made = tmp_path_factory.mktemp("runs")
    return [
        quick_run(folder, made / str(lr), NETWORK, view="number", lr=lr)
        for lr in (0.001, 0.02)
    ]


def test_what_several_say_is_averaged(runs: list[Run]) -> None:
    graph = graph_of(*runs)
    pictures = torch.randint(0, 256, (4, *graph.shape), dtype=torch.uint8)
    with torch.inference_mode():
        apart = [graph_of(run).module(pictures).softmax(dim=2) for run in runs]
        together = graph.module(pictures).exp()
    assert not torch.allclose(apart[0], apart[1], atol=1e-3)
    expected = (apart[0] * apart[1]).sqrt()  # the geometric mean
    assert torch.allclose(together, expected, atol=1e-6)
    told = Runner(onnx_model(graph).model)(pictures)
    assert np.allclose(told.exp(), together, atol=1e-4)


def test_the_features_of_each_are_known_as_such() -> None:
    scopes = "['', 'network', 'network.networks.1', 'network.networks.1.features.conv1'"
    assert FEATURES.search(scopes)
    assert not FEATURES.search(scopes.replace("features.conv1", "head.fc"))


def test_what_cannot_read_together(
    runs: list[Run], folder: Path, trained_run: Run, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="place by place"):
        graph_of(runs[0], trained_run)
    wider = quick_run(folder, tmp_path / "wide", "street-reader", view="number")
    with pytest.raises(UsageError, match="its input .* is not that of"):
        graph_of(runs[0], wider)
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="finds no numbers"):
        export_reader([run.path for run in runs], runs[0].path, out, data_dir=folder)
    assert not out.exists()


def test_a_run_that_learned_from_more_pictures_reads_with_one_that_did_not(
    runs: list[Run], tmp_path: Path
) -> None:
    more = tmp_path / "more"
    shutil.copytree(runs[1].path, more)
    told = json.loads((more / "run.json").read_text())
    told["data"] |= {"name": told["data"]["name"] + "+other", "sha256": "ab" * 32}
    (more / "run.json").write_text(json.dumps(told))
    assert graph_of(runs[0], Run(more)).run.path == runs[0].path
    told["data"]["name"] = "mchar"
    (more / "run.json").write_text(json.dumps(told))
    with pytest.raises(UsageError, match=r"its data set \(mchar\) is not that of"):
        graph_of(runs[0], Run(more))

"""ONNX files of runs, used as somebody without convatlas would use them."""

from pathlib import Path
from shutil import copytree

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from convatlas import data
from convatlas.errors import ExportError, MissingExtra, UsageError
from convatlas.exporting import onnx_file
from convatlas.exporting.graph import graph_of
from convatlas.exporting.onnx_file import Written, check, difference
from convatlas.exporting.precision import half
from convatlas.runs import Run
from convatlas.verbs.export import Exported, export

SOURCES = (b"/src/", b".py", str(Path.cwd()).encode(), b"stack_trace")


@pytest.fixture(scope="module")
def exported(trained_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    run = Run(copytree(trained_run.path, tmp_path_factory.mktemp("onnx") / "run"))
    made = export(run)
    assert made.path == run.path / "model.onnx"
    return made


def probabilities(path: Path, images: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"images": images})
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def test_raw_pixels_give_what_the_run_says(
    exported: Exported, trained_run: Run
) -> None:
    test = data.load("digits-5k").test
    network, preprocess = trained_run.network(), trained_run.preprocess()
    for count in (1, 2, 7):  # any number of pictures at a time
        images = test.images[:count]
        with torch.inference_mode():
            expected = network(preprocess(images)).softmax(1).numpy()
        found = probabilities(exported.path, images.numpy())
        assert np.allclose(found, expected, atol=1e-5)
    whole = probabilities(exported.path, test.images.numpy()).argmax(1)
    assert (whole == test.labels.numpy()).mean() > 0.9


def test_the_file_says_what_it_is_and_nothing_of_this_machine(
    exported: Exported, trained_run: Run
) -> None:
    session = ort.InferenceSession(exported.path, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert facts["classes"] == ",".join(map(str, range(10)))
    assert facts["sha256"] == trained_run.info.data["sha256"]
    assert facts["licence"] == trained_run.info.data["licence"]
    assert facts["network"] == "lenet5-tanh" and facts["convatlas"]
    (given,) = session.get_inputs()
    assert given.type == "tensor(uint8)" and given.shape[1:] == [1, 28, 28]
    content = exported.path.read_bytes()
    assert not [word for word in SOURCES if word in content]
    assert exported.size_bytes == len(content) < 300_000
    onnx.checker.check_model(onnx.load(exported.path), full_check=True)
    assert exported.off < 1e-4


def test_fp16_is_half_as_large_and_says_the_same(
    exported: Exported, trained_run: Run, tmp_path: Path
) -> None:
    small = export(trained_run, tmp_path / "new" / "half.onnx", precision="fp16")
    assert small.size_bytes < 0.55 * exported.size_bytes
    assert 0 < small.off < 1e-2
    images = data.load("digits-5k").test.images.numpy()
    found = probabilities(small.path, images)
    assert np.abs(found - probabilities(exported.path, images)).max() < 0.01


def test_int8_is_measured_on_validation(
    exported: Exported, trained_run: Run, tmp_path: Path
) -> None:
    small = export(trained_run, tmp_path / "int8.onnx", precision="int8")
    assert small.size_bytes < 0.4 * exported.size_bytes
    assert small.kept is not None and small.kept.count == 500
    best = trained_run.best_epoch()
    assert best is not None
    assert small.kept.before == pytest.approx(best.validation_accuracy)
    assert small.kept.score > small.kept.before - 0.02
    kinds = {node.op_type for node in onnx.load(small.path).graph.node}
    assert "QuantizeLinear" in kinds
    test = data.load("digits-5k").test
    found = probabilities(small.path, test.images.numpy()).argmax(1)
    assert (found == test.labels.numpy()).mean() > 0.9


def test_a_model_that_says_something_else_is_refused(
    exported: Exported, trained_run: Run
) -> None:
    graph, model = graph_of(trained_run), onnx.load(exported.path)
    assert check(model, graph) == (exported.off, exported.largest)
    with torch.no_grad():
        next(iter(graph.module.network.parameters())).add_(0.1)
    with pytest.raises(ExportError, match="off those of torch .* nothing was written"):
        check(model, graph)
    assert difference(model, graph)[0] > 0.01


def test_weights_that_fp16_cannot_hold_stay_as_they_are(exported: Exported) -> None:
    model = onnx.load(exported.path)
    largest = max(
        (t for t in model.graph.initializer if len(t.dims) > 1),
        key=lambda t: np.prod(t.dims),
    )
    values = onnx.numpy_helper.to_array(largest).copy()
    values.flat[0] = 1e6
    largest.CopyFrom(onnx.numpy_helper.from_array(values, largest.name))
    kept = {t.name for t in half(Written(model, ())).graph.initializer}
    assert largest.name in kept and any(name.endswith(".fp16") for name in kept)


def test_wrong_wishes(
    trained_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="float32, fp16, int8"):
        export(trained_run, precision="int4")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"ends in \.onnx"):
        export(trained_run, tmp_path / "model.pt")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        export(trained_run, tmp_path / "file" / "model.onnx")
    monkeypatch.setattr(onnx_file, "PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(MissingExtra, match=r"convatlas\[export\]"):
        export(trained_run, tmp_path / "model.onnx")

"""The ranks of ARCHITECTURE.md: a module imports only from below, or its own room."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "convatlas"
RANKS: dict[str, float] = {
    "errors": -1,  # below all, since every room raises
    "progress": -1,
    "whole_files": -1,
    "download": 0,
    "spec": 0,
    "picture_files": 0,
    "picture_names": 0.5,  # above picture_files
    "digit_photo": 0,
    "png": 0,
    "onnx_runtime": 0,
    "house_number": 0.5,  # above spec
    "recipe": 0,
    "machine": 0,
    "launch": 0,
    "number_box": 0,
    "number_tasks": 2,
    "street_views": 2,
    "readings": 2,
    "temperature": 2.2,  # above readings
    "reading": 2,
    "exporting": 2.7,  # above preparation
    "data": 1,
    "networks": 1,
    "anatomy": 1,
    "training": 1,
    "recipes": 1,
    "plots": 2,
    "runs": 2,
    "tensorboard_events": 2,
    "card": 2.5,
    "preparation": 2.5,  # where the rooms meet, for every verb that trains
    "looking": 2.6,  # above runs and preparation
    "importance": 2.8,
    "verbs": 3,
    "cli": 4,
    "serve": 3.7,  # below cli, which starts it
    "report": 3.5,  # pages of what verbs found; the terminal writes them
    "__init__": 5,
    "__main__": 5,
}


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [module]
            if module == "convatlas":
                names = [f"convatlas.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "convatlas" and len(parts) > 1:
                found.add(parts[1])
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_imports_only_from_a_lower_rank(path: Path) -> None:
    own = room(path)
    for other in imported_rooms(path) - {own}:
        assert RANKS[other] < RANKS[own], f"{own} imports {other}"

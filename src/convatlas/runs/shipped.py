"""The runs that come with the package."""

from pathlib import Path

from convatlas.errors import UnknownName

PREFIX = "shipped:"
FOLDER = Path(__file__).parents[1] / "shipped"


def run_folder(named: Path | str) -> Path:
    """The folder of a run: the path itself, or of ``shipped:NAME`` that in the package.

    For verbs that only read a run.

    Raises:
        UnknownName: no run of that name comes with the package.
    """
    text = str(named)
    if not text.startswith(PREFIX):
        return Path(named)
    known = [f"{PREFIX}{path.name}" for path in sorted(FOLDER.iterdir())]
    if text not in known:
        raise UnknownName("run", text, known, f"there is {', '.join(known)}")
    return FOLDER / text.removeprefix(PREFIX)

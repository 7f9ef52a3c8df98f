"""A reader bundle, asked as ``convatlas read`` asks it, on one thread.

    python -m benchmarks.reader.ours BUNDLE whole|crops FILE

True crops are shown as ``convatlas read --whole`` does: nothing is looked for or cut
out, since the pictures end where the protocol's margin does.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.reader.answers import WARMING, Answer, Said, stay_on_one_core
from convatlas.reading.bundle import READER, load_bundle
from convatlas.verbs.read import open_reader, read


def ask_ours(folder: Path, view: str, files: list[Path]) -> Said:
    """What the bundle in a folder says of pictures."""
    bundle, crops = load_bundle(folder), view == "crops"
    reader = open_reader(folder, whole=crops)
    looks, parts = bundle.looks, [*bundle.finder_files, folder / READER]
    how = (
        f"{bundle.finders} × finder {'×'.join(map(str, looks.finder_size))}, "
        f"again {looks.again}, reader "
        f"{'×'.join(map(str, looks.reader_size))}, margins {looks.margins}, "
        f"{'every box, ' if looks.every_box else ''}{bundle.combine}"
    )
    if crops:
        how, parts = f"reader alone, turns {looks.turns}", parts[-1:]
    read(files[:WARMING], reader=reader, threads=1)
    done = read(files, reader=reader, threads=1)
    answers = [
        Answer(one.number or "", one.confidence, 1000 * one.seconds)
        for one in done.readings
    ]
    return Said(
        version=f"{version('convatlas')}, onnxruntime {version('onnxruntime')}",
        how=how,
        megabytes=sum(part.stat().st_size for part in parts) / 1e6,
        answers=tuple(answers),
    )


def main() -> None:
    """Reads and prints."""
    folder, view, listed = sys.argv[1:]
    stay_on_one_core()
    files = [Path(file) for file in json.loads(Path(listed).read_text())]
    print(json.dumps(ask_ours(Path(folder), view, files).to_json()))


if __name__ == "__main__":
    main()

"""Writes ``networks/atlas.json``: what the page lists, without building anything.

    python scripts/make_atlas.py

To be run when a network is added or changed; a test says when that was forgotten.
"""

import json
from pathlib import Path

from convatlas import networks
from convatlas.verbs.atlas import atlas

PATH = Path(networks.__file__).with_name("atlas.json")


def main() -> None:
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in atlas())
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{PATH}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

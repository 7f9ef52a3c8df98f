"""A reader bundle's card."""

from typing import Any

from convatlas.reading.bundle import Bundle


def reader_card(bundle: Bundle, size_bytes: int) -> str:
    """The card as Markdown.

    Args:
        bundle: as it is written.
        size_bytes: of both networks.
    """
    about, looks = bundle.about, bundle.looks
    margins = ", ".join(f"{100 * margin:g}" for margin in looks.margins)
    turns = ", ".join(f"{turn:g}°" for turn in looks.turns)
    finders = _together(about["finders"], looks.finder_size, "each for itself")
    readers = _together(about["readers"], looks.reader_size, "averaged")
    again = ", ".join(f"{zoom:g}" for zoom in looks.again) or "not"
    lines = [
        "# A reader of house numbers",
        "",
        "Made by `convatlas export`, used by `convatlas read`. It finds the one number "
        "in a picture,",
        f"cuts it out of the picture's own pixels and reads up to {bundle.places} "
        "digits.",
        "",
        "| | |",
        "|---|---|",
        f"| finds | {finders}, looked again at the box enlarged: {again} |",
        f"| reads | {readers}; margins {margins} % a side, together: "
        f"{bundle.combine}; a number that is cut out already, turned by {turns} |",
        f"| precision, size | {about['precision']}, {size_bytes / 1e6:.1f} MB |",
        f"| trained on | {_trained(about['finders'] + about['readers'])} |",
        f"| terms of the data | {about['licence']} |",
        f"| temperature | {temperatures(bundle)} |",
        f"| made by | convatlas {about['convatlas']} |",
        "",
        "## How good",
        "",
        "Whole numbers read right, all digits, pictures in their own size.",
        "",
        "| pictures | shown | n | right | 95 % interval | coverage at 98 % right |",
        "|---|---|---|---|---|---|",
        *(_row(one) for one in about["figures"]),
        "",
        "Choices (epochs, margins, temperature) were made on validation pictures: "
        "their figures are a little",
        "too good. Not measured: digits that are no house number, several numbers in a "
        "picture, pictures",
        "without any (it answers something), letters after a number.",
    ]
    return "\n".join(lines) + "\n"


def temperatures(bundle: Bundle) -> str:
    """What makes its confidence honest, in words."""
    text = f"{bundle.temperature:.3f}"
    if bundle.cut_temperature is None:
        return text
    return f"{text}; numbers that are cut out already {bundle.cut_temperature:.3f}"


def _row(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return (
        f"| {one['data']}, {one['split']} | {one['shown']} | {one['count']:,} | "
        f"{one['accuracy']:.2%} | {low:.2%} to {high:.2%} | "
        f"{one['coverage_at_98']:.1%} |"
    )


def _trained(parts: list[dict[str, Any]]) -> str:
    told: list[str] = []
    for part in parts:
        data = (
            f"{part['train']:,} pictures of {part['data']} (sha256 `{part['sha256']}`)"
        )
        if data not in told:
            told.append(data)
    for part in parts:
        if part["started_from_weights"]:
            told.append(f"seed {part['seed']} from weights of an earlier training")
    return "; ".join(told)


def _network(part: dict[str, Any], size: tuple[int, int]) -> str:
    return f"`{part['network']}`, input 3×{size[0]}×{size[1]}"


def _together(parts: list[dict[str, Any]], size: tuple[int, int], how: str) -> str:
    if len(parts) == 1:
        return _network(parts[0], size)
    seeds = ", ".join(str(part["seed"]) for part in parts)
    return f"{len(parts)} of {_network(parts[0], size)} (seeds {seeds}), {how}"

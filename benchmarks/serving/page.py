"""The page: what each server reached, and how ours compares."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

OURS, BARE, LIT = "convatlas serve", "bare FastAPI", "LitServe"
NAMES = (OURS, BARE, LIT)
WHAT = {
    OURS: "`/v1/predict`: decodes, checks, prepares, LeNet-5, ten answers",
    BARE: "decodes the same picture and says its size",
    LIT: "decodes, the same LeNet-5 in batches, ten answers",
}

Round = Mapping[str, Mapping[str, Any]]  # by name


def page(
    rounds: Sequence[Round], *, connections: int, conditions: str, command: str
) -> str:
    """Of all rounds; medians, and of shares the medians of each round's."""
    lines = [
        "# Serving under load",
        "",
        "Generated; how to serve is said in [serving.md](../serving.md).",
        f"{conditions}; {len(rounds)} rounds, each server in turn, {connections} "
        "connections from another process on loopback; medians.",
        "",
        f"    {command}",
        "",
        "| server | does | requests/s (range) | p50, ms | p99, ms | processor time a "
        "request, µs | memory, MB | ready after, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        found = [each[name] for each in rounds if name in each]
        if found:
            lines.append(_row(name, found))
    lines += ["", *_compared(rounds), ""]
    return "\n".join(lines)


def _row(name: str, found: Sequence[Mapping[str, Any]]) -> str:
    def middle(key: str) -> float:
        return median(one[key] for one in found)

    speeds = [one["per_second"] for one in found]
    return (
        f"| {name} | {WHAT[name]} | {median(speeds):,.0f} ({min(speeds):,.0f} to "
        f"{max(speeds):,.0f}) | {middle('p50_ms'):.1f} | {middle('p99_ms'):.1f} | "
        f"{middle('processor_us'):.0f} | {middle('megabytes'):.0f} | "
        f"{middle('ready_seconds'):.2f} |"
    )


def _compared(rounds: Sequence[Round]) -> list[str]:
    lines = []
    for name, wanted in ((BARE, "at least 60 %"), (LIT, "at least 100 %")):
        shares = [
            each[OURS]["per_second"] / each[name]["per_second"]
            for each in rounds
            if name in each
        ]
        if shares:
            lines.append(
                f"* of {name}'s requests/s in the same round: {median(shares):.0%} "
                f"({min(shares):.0%} to {max(shares):.0%}); wanted: {wanted}"
            )
    return lines

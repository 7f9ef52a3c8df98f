"""The page: a row a network, then every repeat."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.equal_maths.cases import Case

Repeat = Mapping[str, float]  # images per second by side


def page(
    rows: Sequence[tuple[Case, Sequence[Repeat]]],
    *,
    conditions: str,
    command: str,
    native_bf16: bool,
) -> str:
    """All that was measured so far.

    Args:
        rows: each case with its repeats.
        conditions: machine and date.
        command: that made the page.
        native_bf16: whether the processor multiplies bf16 itself.
    """
    text = HEADER.format(conditions=conditions, command=command)
    for case, repeats in rows:
        speed = {
            side: median(repeat[side] for repeat in repeats) for side in repeats[0]
        }
        cells = [f"{speed['tutorial']:,.0f}"]
        for side in ("float32", "bf16"):
            if side in speed:
                ratio = median(r[side] / r["tutorial"] for r in repeats)
                cells += [f"{speed[side]:,.0f}", f"**{ratio:.2f}**"]
            else:
                cells += ["–", "–"]
        input_size = f"{case.size[0]}×{case.size[1]}"
        text += (
            f"| {case.network} {input_size} | {case.pictures.data} | {case.batch} | "
            + " | ".join(cells)
            + f" | {case.timed} of {len(repeats)} |\n"
        )
    if not native_bf16:
        text += "\nThis processor has no bf16 arithmetic and would emulate it.\n"
    text += "\nEvery repeat, images/s:\n\n| network | repeats |\n|---|---|\n"
    for case, repeats in rows:
        shown = "; ".join(
            ", ".join(f"{side} {speed:,.0f}" for side, speed in repeat.items())
            for repeat in repeats
        )
        text += f"| {case.network} | {shown} |\n"
    return text


HEADER = """# Images per second at equal maths

The tutorials' loops against convatlas: the same network, batch and optimizer (SGD,
Adam for house numbers). The tutorials' side: torchvision's transforms picture by
picture, a DataLoader, loss.item() at every step; of house numbers every PNG is opened
when its turn comes. Sides take turns, a process each; images per second over the timed
steps after some warm ones, ratios of neighbours in time, medians. The weights are equal
but for rounding (tests/benchmarks/test_equal_maths.py): to 1e-12 of the way they moved
when both sides compute in float64.
{conditions}.

    {command}

| network | data | batch | tutorial, images/s | float32 | ratio | bf16 | ratio | \
timed steps of repeats |
|---|---|--:|--:|--:|--:|--:|--:|---|
"""

"""Heat maps of one picture, a row for each digit of a number."""

from typing import Any

import numpy as np
from torch import Tensor

from convatlas.errors import NetworkError, UsageError
from convatlas.house_number import NONE
from convatlas.importance.blank import blank_of
from convatlas.importance.heat import HeatMap, heat_map
from convatlas.importance.targets import Target, answers_of, target_of
from convatlas.looking.subjects import Subject
from convatlas.plots.heat import Heat, HeatRow, draw_heat
from convatlas.verbs.explain.section import Section, Shown, Text
from convatlas.verbs.explain.why.options import ALL, Why

TITLE = Text("Heat maps", "热力图")
TEXT = Text(
    "Which pixels have to do with the answer: orange speaks for it, blue against it. "
    "Each map has a scale of its own. Four methods, four questions: they need not "
    "agree, and a map is no proof.",
    "哪些像素与答案有关：橙色表示支持，蓝色表示反对。每张图各有自己的色标。"
    "四种方法回答四个不同的问题，结果不必一致，热力图也不是证明。",
)
UNREAD = Text(
    "No digit was read, so there is none to ask about.",
    "没有读出任何数字，因此无从提问。",
)


def heat_section(subject: Subject, seen: Tensor, why: Why) -> Section:
    """A drawing with every method's map for everything that is asked.

    Raises:
        UsageError: a target that the network does not have, or a method that was
            named and cannot be used.
    """
    image = subject.normalise(seen)[0]
    targets = asked_about(subject, image, why)
    if not targets:
        return Section("heat", TITLE, UNREAD, (), {"maps": [], "left_out": {}})
    methods, rows, left_out = list(why.methods), [], dict[str, str]()
    maps: dict[tuple[str, str], HeatMap] = {}
    for target in targets:
        for method in list(methods):
            try:
                maps[target.name, method] = heat_map(
                    subject.network,
                    image,
                    method,
                    target,
                    layer=why.heat_layer,
                    blank=blank_of(subject),
                    table=subject.table,
                )
            except (UsageError, NetworkError) as error:
                if ALL not in why.heat:
                    raise
                methods.remove(method)
                left_out[method] = str(error)
    for target in targets:
        drawn = [maps[target.name, method] for method in methods]
        heats = [Heat(one.values, one.signed, _below(one)) for one in drawn]
        rows.append(HeatRow(in_words(subject, target), heats))
    title = f"{subject.id}: what speaks for the answer"
    figure = draw_heat(seen.numpy(), methods, rows, title)
    figures = {
        "maps": [
            _figures(subject, maps[target.name, method])
            for target in targets
            for method in methods
        ],
        "left_out": left_out,
    }
    note = Text(*(("; ".join(left_out.values()),) * 2))
    asked = ", ".join(in_words(subject, target) for target in targets)
    heading = Text(f"What speaks for {asked}", f"支持 {asked} 的像素")
    shown = Shown("heat", heading, note, figure=figure)
    return Section("heat", TITLE, TEXT, (shown,), figures)


def asked_about(subject: Subject, image: Tensor, why: Why) -> list[Target]:
    """One target, or one for each digit that was read; columns may have read none.

    Raises:
        UsageError: a class or a place that is not there.
    """
    check_fits(subject, why)
    answers = answers_of(subject.network, image)
    asked = class_number(subject, why.target)
    if why.digit is not None or subject.answers in ("class", "box"):
        return [target_of(answers, subject.answers, asked, why.digit or 0)]
    (read,) = subject.said(answers[None])
    if subject.answers == "columns" and not read.name:
        return []
    places = range(max(len(read.name), 1))
    return [target_of(answers, subject.answers, asked, place) for place in places]


def check_fits(subject: Subject, why: Why) -> None:
    """Whether the network's answers have what is asked about.

    Raises:
        UsageError: a place in a number of what tells classes, or anything of a finder.
    """
    tells = {"class": "tells a class", "box": "finds where a number is"}
    if subject.answers not in tells:
        return
    if why.digit is not None:
        raise UsageError(
            f"--digit {why.digit}: {subject.id} {tells[subject.answers]} and reads no "
            "digits; leave it out"
        )
    if why.target is not None and subject.answers == "box":
        raise UsageError(
            f"--target {why.target}: {subject.id} finds where a number is and tells no "
            "classes; leave it out"
        )


def class_number(subject: Subject, name: str | None) -> int | None:
    """A class by its name or its number.

    Raises:
        UsageError: no such class.
    """
    if name is None:
        return None
    if name in subject.names and name:
        return subject.names.index(name)
    if name == "none" and subject.answers != "class":
        return NONE
    if name.isascii() and name.isdecimal() and int(name) < len(subject.names):
        return int(name)
    few = ", ".join(subject.names[:12])
    more = ", ..." if len(subject.names) > 12 else ""
    raise UsageError(f"--target {name}: the classes are {few}{more}")


def in_words(subject: Subject, target: Target) -> str:
    """The target with the name of its class."""
    if subject.answers != "class":
        return target.name
    name = subject.names[target.asked]
    return name if len(name) <= 24 else f"{name[:23]}…"


def _below(heat: HeatMap) -> str:
    if heat.method == "grad-cam":
        return heat.layer or ""
    if heat.method == "guided-backprop" and heat.note:
        return "no ReLU: plain gradient"
    if heat.method == "integrated-gradients":
        return f"{heat.steps} steps, {heat.completeness:.1%} off"
    if heat.window is not None:
        side, step = heat.window
        return f"squares of {side}, step {step}"
    return ""


def _figures(subject: Subject, heat: HeatMap) -> dict[str, Any]:
    y, x = np.unravel_index(int(np.abs(heat.values).argmax()), heat.values.shape)
    return {
        "method": heat.method,
        "target": in_words(subject, heat.target),
        "score": heat.score,
        "layer": heat.layer,
        "low": float(heat.values.min()),
        "high": float(heat.values.max()),
        "sum": float(heat.values.sum(dtype=np.float64)),
        "hottest": [int(y), int(x)],
        "blank_score": heat.blank_score,
        "completeness_error": heat.completeness,
        "steps": heat.steps,
        "window": heat.window,
        "note": heat.note,
    }

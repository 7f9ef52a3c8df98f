"""Whether the heat maps depend on what the network has learned."""

from collections.abc import Sequence

from torch import Tensor

from convatlas.errors import UsageError
from convatlas.importance.blank import blank_of
from convatlas.importance.heat import METHODS, HeatMap
from convatlas.importance.sanity import MethodSanity, check_sanity
from convatlas.importance.targets import target_of
from convatlas.looking.subjects import Subject
from convatlas.plots.heat import ForgottenRow, Heat, draw_sanity
from convatlas.progress import Progress
from convatlas.verbs.explain.section import Section, Shown, Text
from convatlas.verbs.explain.why.heat import check_fits, class_number
from convatlas.verbs.explain.why.options import Why

MOST_PICTURES = 8
TITLE = Text("Sanity of the heat maps", "热力图的可信度检查")
TEXT = Text(
    "Weights are made random from the answer down. A map that depends on what the "
    "network has learned must change; the numbers are rank correlations with the map "
    "of the trained network, 1 for the same order of all pixels (Adebayo et al. 2018).",
    "从输出层开始逐层把权重换成随机数。依赖所学内容的热力图必然改变；"
    "数字是与训练后网络热力图的秩相关系数，1 表示所有像素的次序相同"
    "（Adebayo 等，2018）。",
)


def sanity_section(
    subject: Subject, seen: Sequence[Tensor], why: Why, progress: Progress
) -> Section:
    """A drawing of the first picture's maps, with figures over all of them.

    Raises:
        UsageError: the network was never trained.
    """
    if not subject.trained:
        raise UsageError(
            f"--sanity: {subject.id} was never trained, so it has nothing to forget; "
            "name a run"
        )
    check_fits(subject, why)
    few = list(seen[:MOST_PICTURES])
    asked = class_number(subject, why.target)
    found = check_sanity(
        subject.network,
        [subject.normalise(one)[0] for one in few],
        why.methods or METHODS,
        target=lambda a: target_of(a, subject.answers, asked, why.digit or 0),
        blank=blank_of(subject),
        layer=why.heat_layer,
        progress=progress,
    )
    names = [_forgotten(stage.forgot[-1]) for stage in found[0].stages]
    pictures = "1 picture" if len(few) == 1 else f"{len(few)} pictures"
    figure = draw_sanity(
        few[0].numpy(),
        names,
        [_row(one) for one in found],
        f"{subject.id}: heat maps while layers forget, rank correlation ({pictures})",
    )
    figures = {
        "pictures": len(few),
        "methods": [
            {
                "method": one.method,
                "verdict": one.verdict,
                "remaining": one.remaining,
                "remaining_places": one.remaining_places,
                "stages": [
                    {
                        "forgot": list(stage.forgot),
                        "rank_correlation": stage.signed_correlation,
                        "rank_correlation_without_signs": stage.correlation,
                        "ssim": stage.ssim,
                    }
                    for stage in one.stages
                ],
            }
            for one in found
        ],
    }
    heading = Text("Maps while layers forget", "逐层遗忘时的热力图")
    shown = Shown("sanity", heading, figure=figure)
    return Section("sanity", TITLE, TEXT, (shown,), figures)


def _row(one: MethodSanity) -> ForgottenRow:
    maps = [_heat(one.map, "")]
    maps += [_heat(s.map, f"{s.signed_correlation:+.2f}") for s in one.stages]
    return ForgottenRow(one.method, one.verdict, maps)


def _heat(heat: HeatMap, note: str) -> Heat:
    return Heat(heat.values, heat.signed, note)


def _forgotten(layer: str) -> str:
    return layer.replace("features.", "", 1)

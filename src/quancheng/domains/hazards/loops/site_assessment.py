"""The yearly assessment of how dual prevention was built and runs (运行成效评估): by itself, on site, confirmed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_SELF = "hazards.assessments.self@enterprise"
_ASSESS = "hazards.assessments.assess@supervisor"
_REVIEW = "hazards.assessments.review@supervisor"

#: Terms are defaults of ours [D].
SITE_ASSESSMENT = register(
    Loop(
        code="hazards.site_assessment",
        name=_("双重预防运行成效评估"),
        version=1,
        start="SELF",
        states={
            "SELF": State(_("企业自评"), owner=_SELF, due=within(days=30)),
            "SITE": State(_("待现场评估"), owner=_ASSESS, due=within(days=60)),
            "REVIEW": State(_("待复核"), owner=_REVIEW, due=within(working_days=10)),
            "DONE": State(_("已评定"), owner=None),
            "DROPPED": State(_("已取消"), owner=None),
        },
        moves={
            "submit_self": Move("SELF", "SITE", by=_SELF, label=_("提交自评"), needs=("scored",), primary=True),
            "skip_self": Move("SELF", "SITE", by=_ASSESS, label=_("不等自评，直接现场评估"), needs=("reason",)),
            "score": Move("SITE", "REVIEW", by=_ASSESS, label=_("提交现场评估"), needs=("scored",), primary=True),
            "confirm": Move("REVIEW", "DONE", by=_REVIEW, label=pgettext_lazy("assessment", "复核通过"),
                            not_by=("score",), primary=True),
            "return": Move("REVIEW", "SITE", by=_REVIEW, label=_("退回重评"), needs=("reason",), not_by=("score",)),
            "drop": Move(("SELF", "SITE"), "DROPPED", by=_ASSESS, label=_("取消评估"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="hazards:site_assessment",
        ladder="task",
        strip=("SELF", "SITE", "REVIEW", "DONE"),
    )
)  # fmt: skip

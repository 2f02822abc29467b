"""Words that pages of exams share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from quancheng.domains.training.models import ExamSitting, SittingState
from quancheng.kernel.pages import marks

EXAM_ACTS = {
    "training.question.enter": gettext_lazy("增加试题"), "training.question.change": gettext_lazy("修改试题"),
    "training.question.state": gettext_lazy("启用、停用试题"),
    "training.paper_rule.add": gettext_lazy("增加组卷规则"), "training.paper_rule.change": gettext_lazy("修改组卷规则"),
    "training.paper_rule.retire": gettext_lazy("停用组卷规则"),
    "training.exam.arrange": gettext_lazy("安排考试"), "training.exam.add": gettext_lazy("增加考生"),
    "training.exam.cancel": gettext_lazy("取消考试"), "training.exam.release": gettext_lazy("允许更换设备"),
    "training.exam.begin": gettext_lazy("开始答题"), "training.exam.hand_in": gettext_lazy("交卷"),
    "training.exam.mark": gettext_lazy("阅卷"), "training.exam.result": gettext_lazy("评定成绩"),
    "training.spot.draw": gettext_lazy("抽取人员"), "training.spot.absent": gettext_lazy("登记不在场"),
    "training.spot.again": gettext_lazy("安排补考"),
}  # fmt: skip

_TONES = {
    SittingState.PASSED: "done", SittingState.FAILED: "active", SittingState.RUNNING: "active",
    SittingState.MARKING: "active", SittingState.NOT_COUNTED: "active",
}  # fmt: skip


def state_badge(row: ExamSitting, now: datetime) -> Any:
    state = row.state_at(now)
    return marks.badge(str(state.label), _TONES.get(state, "quiet"))

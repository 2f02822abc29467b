"""Forms of start-ups and shut-downs (开停车)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.queries import start_stops as queries
from quancheng.domains.risk.services.start_stops import FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import start_stop


class StartStopForm(forms.Form):
    """A notice; the conditions are confirmed on a page of their own."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, told(one.name)) for code, one in start_stop.KINDS.items()]
        self.fields["kind"] = fields.choice(_("开停车类别"), kinds)
        self.fields["title"] = fields.words(_("装置、开停车事项"))
        self.fields["units"] = forms.ModelMultipleChoiceField(
            label=_("风险分析单元"), queryset=queries.units_to_choose(file), required=False
        )
        self.fields["facilities"] = forms.ModelMultipleChoiceField(
            label=_("登记设施"), queryset=queries.facilities_to_choose(file), required=False,
            help_text=_("单元、设施至少选一项；所在生产单元计入承诺公告的开停车装置数。"),
        )  # fmt: skip
        self.fields["planned_from"] = fields.moment(_("计划开始时间"), required=False, help_text=_("紧急停车不填。"))
        self.fields["planned_to"] = fields.moment(_("计划结束时间"))
        self.fields["actual_from"] = fields.moment(
            _("实际开始时间"), required=False, help_text=_("只有紧急停车填写，应在停车后1小时内报告。")
        )
        self.fields["leader"] = fields.words(_("现场负责人"), limit=60)
        self.fields["analysis"] = forms.ModelChoiceField(
            label=_("风险分析"), queryset=queries.analyses_to_choose(file), required=False,
            help_text=_("选择有效的风险分析，或在下面上传分析材料。"),
        )  # fmt: skip
        self.fields["risks"] = fields.text(_("主要风险、紧急停车原因"), limit=2000)
        self.fields["measures"] = fields.text(_("控制措施"), limit=2000, required=False)
        self.fields["papers"] = fields.FilesField(label=_("风险分析、方案等材料"), required=False)

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class ConditionsForm(forms.Form):
    """Each condition with its answer and a word about it."""

    def __init__(self, *args: Any, conditions: Sequence[start_stop.Condition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conditions = conditions
        answers = [("yes", _("满足")), ("na", pgettext_lazy("condition", "不适用")), ("no", _("不满足"))]
        for one in conditions:
            self.fields[f"answer_{one.code}"] = fields.choice(told(one.text), answers, required=False)
            self.fields[f"text_{one.code}"] = fields.words(
                _("不适用的理由、不满足的情况（%(code)s）") % {"code": one.code}, required=False, limit=300
            )

    def answers(self) -> Mapping[str, str]:
        return {one.code: self.cleaned_data[f"answer_{one.code}"] for one in self.conditions}

    def texts(self) -> Mapping[str, str]:
        return {one.code: self.cleaned_data[f"text_{one.code}"] for one in self.conditions}


class BeganForm(forms.Form):
    """When it began."""

    at = fields.moment(_("实际开始时间"))


class WatchForm(forms.Form):
    """What was seen while it runs."""

    at = fields.moment(_("监护时间"))
    step = fields.words(_("进行到哪一步"))
    is_normal = fields.choice(_("参数、设备正常"), [("yes", pgettext_lazy("check", "正常")), ("no", _("异常"))])
    text = fields.text(_("情况和处置"), required=False, rows=3, limit=1000)


class FinishForm(forms.Form):
    """When it ended and how."""

    at = fields.moment(_("实际结束时间"))
    is_reached = fields.choice(_("结果"), [("yes", _("达到预定状态")), ("no", _("中止，未达到预定状态"))])
    text = fields.text(_("结束情况"), rows=3, limit=1000)
    papers = fields.FilesField(label=_("佐证材料"), required=False)

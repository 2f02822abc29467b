"""What people type about check tasks, records, stoppages and special periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.models import FORMS, AnswerCode, CheckStatus
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.queries import findings as finding_queries
from quancheng.domains.hazards.queries.criteria import name_in_language, worded_in_language
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import find_by_code
from quancheng.domains.risk.queries.posts import posts_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.law.models import Asks, Clause
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.risk import check_cycles
from quancheng.standards.risk.rhythm import special_periods


def form_choices() -> list[tuple[str, str]]:
    """Forms of screening in the reader's language."""
    return [(one.code, told(one.name)) for one in code_list("source").items if one.code in FORMS]


def unit_choices() -> list[tuple[str, str]]:
    return [(code, told(text)) for code, text in check_cycles.UNITS.items()]


def period_choices() -> list[tuple[str, str]]:
    return [(code, told(one.name)) for code, one in special_periods().items()]


class _Lists(forms.ModelChoiceField):
    """Checklists by their name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return name_in_language(obj)


class _Units(forms.ModelChoiceField):
    """Units beneath the name of their object."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.object.name} / {obj.name}"


class CycleForm(forms.Form):
    """Post and cycle, which a task of its own and tasks of many measures share."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = file
        self.fields["post"] = forms.ModelChoiceField(
            label=_("责任岗位"), queryset=posts_of(file), required=False
        )
        self.fields["every"] = forms.DecimalField(
            label=_("周期"), max_digits=4, decimal_places=2, initial=1,
            help_text=_("每几个单位一次；每周写作7天，每季度写作3月。"),
        )  # fmt: skip
        self.fields["cycle_unit"] = fields.choice(_("周期单位"), unit_choices())
        self.fields["starts_at"] = fields.moment(_("首次执行时间"))
        for name, label in (("window_start", _("每日开始时间")), ("window_end", _("每日结束时间"))):
            self.fields[name] = forms.TimeField(
                label=label, required=False, help_text=_("只有按小时的任务填写。"),
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            )  # fmt: skip
        days = [(code, told(text)) for code, text in check_cycles.DAYS.items()]
        self.fields["days"] = fields.choice(_("工作日类型"), days)
        self.fields["form"] = fields.choice(_("排查形式"), form_choices())


class TaskForm(CycleForm):
    """One check task."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, file=file, **kwargs)
        own: dict[str, forms.Field] = {
            "content": fields.text(
                _("排查内容"), required=False, rows=3, limit=1000,
                help_text=_("不填时取管控措施的排查内容，或检查表的名称。"),
            ),
            "measure": forms.ModelChoiceField(
                label=_("管控措施"), queryset=finding_queries.measures_of(file), required=False
            ),
            "unit": _Units(label=_("风险分析单元"), queryset=finding_queries.units_of(file), required=False,
                           help_text=_("选了管控措施的不必填。")),
            "checklist": _Lists(label=_("检查表"), queryset=queries.checklists(file), required=False),
        }  # fmt: skip
        self.fields["person"] = forms.ModelChoiceField(
            label=_("责任人"), queryset=queries.staff_of(file), required=False,
            help_text=_("指定后只能由本人完成；不指定时由在岗人员完成。"),
        )  # fmt: skip
        self.fields["period"] = fields.choice(
            _("特殊时段"), period_choices(), required=False, help_text=_("选定后只在区里启用该时段时才产生任务。")
        )
        self.fields = own | self.fields

    def clean(self) -> dict[str, Any]:
        """What is empty in the unit follows the measure."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("measure") is not None and given.get("unit") is None:
            given.pop("unit", None)
        return given


class ArrangeForm(CycleForm):
    """One post and one cycle for all measures that have no task yet, of a unit or of all."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, file=file, **kwargs)
        unit = _Units(label=_("风险分析单元"), queryset=finding_queries.units_of(file), required=False,
                      empty_label=_("全部单元"))  # fmt: skip
        self.fields = {"unit": unit, **self.fields}


class EndTaskForm(forms.Form):
    """Why a task ends."""

    reason = fields.words(_("终止理由"), limit=300)


class RecordForm(forms.Form):
    """A check as it was made: the answer to every item, or what was seen."""

    def __init__(self, *args: Any, items: Sequence[Clause] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = [(one, worded_in_language(one)) for one in items]
        for one, text in self.items:
            self.fields[f"item_{one.place}"] = forms.ChoiceField(
                label=f"{one.place} {text}", help_text=one.get_asks_display() if one.asks else "",
                choices=AnswerCode.choices, widget=forms.RadioSelect,
                error_messages={"required": _("请选择检查结果。")},
            )  # fmt: skip
            self.fields[f"note_{one.place}"] = fields.words(
                (_("实测值或情况（%(place)s）") if one.asks == Asks.VALUE else _("不符合情况（%(place)s）"))
                % {"place": one.place}, required=False, limit=300
            )
        if items:
            self.fields["edition"] = forms.UUIDField(widget=forms.HiddenInput, required=False)
        else:
            self.fields["status"] = forms.ChoiceField(
                label=_("排查结果"), choices=CheckStatus.choices, widget=forms.RadioSelect,
                error_messages={"required": _("请选择排查结果。")},
            )  # fmt: skip
        self.fields["photos"] = FilesField(
            label=_("照片或录音"), required=False, help_text=_("可以拍照，也可以从相册选择；可多选。")
        )
        self.fields["note"] = fields.text(
            _("说明"), required=False, rows=2, limit=1000,
            help_text=_("发现隐患的写明是什么；未排查的写明原因。"),
        )  # fmt: skip
        self.fields["type"] = fields.choice(_("隐患类型"), codes("type"))
        self.fields["type"].initial = "other"
        self.fields["is_major"] = forms.BooleanField(
            label=_("可能是重大隐患"), required=False, help_text=_("拿不准也可以勾选，由安全管理人员核实定级。")
        )

    def rows(self) -> list[tuple[Any, Any, bool]]:
        """Item and note as they stand beside each other, and whether the note is asked for."""
        return [
            (self[f"item_{one.place}"], self[f"note_{one.place}"], one.asks == Asks.VALUE) for one, _text in self.items
        ]

    def rest(self) -> list[Any]:
        """The fields besides."""
        return [self[name] for name in ("status", "photos", "note", "type", "is_major") if name in self.fields]


class FreeCheckForm(forms.Form):
    """By which checklist one checks, and where."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checklist"] = _Lists(
            label=_("检查表"), queryset=queries.checklists(file), to_field_name="code"
        )
        self.fields["unit"] = _Units(label=_("风险分析单元"), queryset=finding_queries.units_of(file), required=False)
        self.fields["form"] = fields.choice(_("排查形式"), form_choices())


class StopForm(forms.Form):
    """A stoppage or overhaul."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = _Units(label=_("风险分析单元"), queryset=finding_queries.units_of(file))
        self.fields["begins_at"] = fields.moment(_("开始时间"))
        self.fields["ends_at"] = fields.moment(_("结束时间"), required=False, help_text=_("尚不知道的留空。"))
        self.fields["reason"] = fields.words(_("停用原因"), limit=300)


class StopEndForm(forms.Form):
    """When a stoppage ends, or ended."""

    ends_at = fields.moment(_("结束时间"), required=False, help_text=_("尚不知道的留空。"))


class CommentForm(forms.Form):
    """What was seen or is said."""

    comment = fields.text(_("核查意见"), limit=1000)


class AnswerForm(forms.Form):
    """What the enterprise explains."""

    text = fields.text(_("情况说明"), limit=1000)


class VerdictForm(forms.Form):
    """What was seen of a sign."""

    comment = fields.text(_("核查情况"), limit=500)


class PeriodForm(forms.Form):
    """A special period: of the whole district, of a town, of an enterprise; an enterprise names none but itself."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        if actor.supervises:
            towns = queries.period_towns(actor)
            self.fields["area"] = forms.ModelChoiceField(
                label=_("镇街"), queryset=towns, required=False,
                empty_label=str(_("全区")) if actor.whole_district else None,
                initial=None if actor.whole_district else towns.first(),
            )  # fmt: skip
            self.fields["enterprise"] = fields.words(
                _("只对一家企业"), required=False, limit=18,
                help_text=_("填写已建档企业的统一社会信用代码；填写后只对该企业加密，不看镇街。"),
            )  # fmt: skip
        self.fields["code"] = fields.choice(_("时段类别"), period_choices())
        self.fields["name"] = fields.words(_("名称"), required=False, limit=80, help_text=_("不填时取时段类别的名称。"))
        self.fields["first_date"] = fields.day(_("开始日期"))
        self.fields["last_date"] = fields.day(_("结束日期"))
        self.fields["doubles"] = forms.BooleanField(
            label=_("加密排查"), required=False, initial=True,
            help_text=_("按小时、天、月的任务各增加一次；按年的任务不加密。"),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = dict(super().clean() or {})
        if code := given.pop("enterprise", ""):
            given["file"] = find_by_code(actor=self.actor, code=code)
            given["area"] = None
            if given["file"] is None:
                self.add_error("enterprise", _("没有这家企业的档案。"))
        return given

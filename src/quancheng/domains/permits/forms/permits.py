"""What people type about a permit: the draft, its people, what is prepared, how it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import FOUND, WORK, absent_of, asks_of, words_of
from quancheng.domains.permits.forms.widgets import PositionField, SignatureField, latitude, longitude
from quancheng.domains.permits.models import Kind, Part, Permit, PermitPerson
from quancheng.domains.permits.queries.permits import STEP_PARTS
from quancheng.domains.permits.services.checking import sentence
from quancheng.domains.permits.services.working import SUSPENDED_BY, VOIDED_BY
from quancheng.domains.registry.models import Facility, Unit
from quancheng.domains.training.models import Person
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871 import gas as gas_rules
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.checks.model import Answer
from quancheng.standards.gb30871.endings import STOP_REASONS, endings
from quancheng.standards.gb30871.gases import UNITS, gases
from quancheng.standards.gb30871.kinds import levels


class KindForm(forms.Form):
    """Which kind: what is asked further depends on it."""

    kind = fields.choice(_("作业类别"), Kind.choices)


class DraftForm(forms.Form):
    """A draft of one kind. The view fills in units and facilities of the enterprise."""

    content = fields.text(_("作业内容"), rows=2, limit=500)
    place = fields.words(_("作业地点和部位"))
    unit = forms.ModelChoiceField(label=_("所在单元"), queryset=Unit.objects.none(), required=False)
    facility = forms.ModelChoiceField(label=_("所在设施"), queryset=Facility.objects.none(), required=False)
    apply_unit = fields.words(_("申请单位"), limit=80)
    work_unit = fields.words(_("作业单位"), limit=80)
    window_start = fields.moment(_("作业开始时间"))
    window_end = fields.moment(_("作业结束时间"))
    slots = fields.text(
        _("作业时段"), rows=2, limit=4000, required=False,
        help_text=_("分几段作业的一行一段，写作 2026-09-08 09:00 至 2026-09-08 17:00；不填按整个作业时间。"),
    )  # fmt: skip
    is_emergency = forms.BooleanField(
        label=_("紧急预约"), required=False,
        help_text=_("作业应至少提前一天预约；来不及的勾选此项并写明原因，按抢修报备：开始前先电话报告。"),
    )  # fmt: skip
    emergency_reason = fields.text(_("紧急预约原因"), rows=2, limit=300, required=False)
    #: The edition that was read: one that was changed since is not written over.
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, units: Any, facilities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset, self.fields["facility"].queryset = units, facilities  # type: ignore[attr-defined]
        offered = [(code, words_of(one.name)) for code, one in levels(kind).items() if code]
        if offered:
            self.fields["level"] = fields.choice(_("申请级别"), offered)
        if kind == "HW":
            self.fields["is_upgraded"] = forms.BooleanField(
                label=_("升级管理"), required=False,
                help_text=_("节假日、公休日、夜间和特殊时段的动火须升级，申请级别填升级后的级别。"),
            )  # fmt: skip
        for one in (*asks_of(WORK, kind), absent_of(kind)):
            self.fields[one.name] = one.field()

    def clean_slots(self) -> list[tuple[datetime, datetime]]:
        return read_slots(self.cleaned_data["slots"])


def read_slots(text: str) -> list[tuple[datetime, datetime]]:
    """Slots as they were typed, aware. :raises ValidationError: a line that is none."""
    found = []
    for line in fields.lines(text):
        parts = [part.strip() for part in re.split(r"至|~|—|\bto\b", line)]
        try:
            start, end = (datetime.strptime(part, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE) for part in parts)
        except ValueError:
            raise forms.ValidationError(_("时段应写作 2026-09-08 09:00 至 2026-09-08 17:00，一行一段。")) from None
        found.append((start, end))
    return found


def typed_slots(slots: list[list[str]]) -> str:
    """Slots as they are typed."""
    moments = [[datetime.fromisoformat(one).astimezone(ZONE) for one in slot] for slot in slots]
    return "\n".join(f"{start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}" for start, end in moments)


class ConfirmForm(forms.Form):
    """Reasons for what only warns: one field for each check, named ``warn_`` and its code."""

    def __init__(self, *args: Any, warned: Sequence[Answer] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in warned:
            self.fields[f"warn_{one.code}"] = fields.text(
                _("仍可继续的原因（%(code)s）") % {"code": one.code}, rows=2, limit=500, help_text=sentence(one)
            )


def confirmed_in(given: Mapping[str, Any]) -> dict[str, str]:
    """Reasons by the code of the check."""
    return {name.removeprefix("warn_"): value for name, value in given.items() if name.startswith("warn_")}


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.name} {obj.staff_no} {obj.employer_name}".strip()


class AddPersonForm(forms.Form):
    """Somebody put on a permit. The view fills in the enterprise's people at work."""

    person = PersonField(label=_("人员"), queryset=Person.objects.none())
    part = fields.choice(_("身份"), Part.choices)
    tasks = forms.MultipleChoiceField(
        label=_("分工"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("作业人必填，按分工核对证件。"),
    )  # fmt: skip
    educated_on = fields.day(_("入厂教育日期"), required=False)
    medical_on = fields.day(_("体检日期"), required=False, help_text=_("作业人必填。"))
    exam_score = forms.DecimalField(
        label=_("监护人考核成绩"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        help_text=_("监护人必填，满分100分。"),
    )  # fmt: skip
    experience_years = forms.DecimalField(
        label=_("监护人实践经验，年"), required=False, min_value=0, max_value=80, max_digits=4, decimal_places=1,
        help_text=_("监护人必填。"),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["tasks"].choices = tasks_of(kind)  # type: ignore[attr-defined]


def tasks_of(kind: str) -> list[tuple[str, Any]]:
    """What somebody may do in a job of some kind, with names: ways of hot work, else the tasks that need papers."""
    if kind == "HW":
        return [(code, words_of(text)) for code, text in tickets.HOT_WORK_METHODS.items()]
    named: dict[str, Any] = {"WORKER": _("一般作业")}
    for rule in roles.certificate_rules():
        if rule.kind in (kind, "*"):
            named |= {task: words_of(rule.text) for task in rule.tasks if task not in ("WORKER", "WORK_LEADER")}
    return list(named.items())


def steps_in(text: str) -> list[dict[str, str]]:
    """Steps of an analysis as typed: one a line, its parts divided by strokes; parts that are not told are absent."""
    lines = ((part.strip() for part in line.split("|", 2)) for line in fields.lines(text))
    return [dict(zip(STEP_PARTS, line, strict=False)) for line in lines]


class AnalysisForm(forms.Form):
    steps = fields.text(_("作业步骤"), help_text=_("一行一步，用“|”分开：步骤 | 危害 | 措施。"))
    participants = fields.text(_("参加分析人员"), rows=2, limit=500, help_text=_("一行一人，属地和作业单位都要参加。"))


class DrawnForm(forms.Form):
    """Where and when in the work a sample was drawn, and by whom."""

    position = fields.choice(_("取样位置"), [(k, words_of(v)) for k, v in gas_rules.POSITIONS.items()])
    point = fields.words(
        _("取样点"), limit=60, help_text=_("同一取样点写同一名称：不合格的结果只由同一取样点的复测解除。")
    )
    phase = fields.choice(_("分析时机"), [
        ("PRE", _("作业前")), ("RETEST", _("复测")), ("PERIODIC", _("定时检测")), ("CONTINUOUS", _("连续检测")),
        ("RESUME", _("恢复前")), ("DAILY", _("当日")),
    ])  # fmt: skip
    distance_m = forms.DecimalField(label=_("距作业点，m"), required=False, max_digits=7, decimal_places=2)
    analyst = fields.words(_("分析人"), limit=60)


class ReadingForm(DrawnForm):
    """The newest reading of an instrument as it stands. The view fills in the instruments."""

    instrument = fields.choice(
        _("检测仪器"), (), help_text=_("数值、单位、时间和检定有效期取自仪器自己的报文，不能改动。")
    )
    distance_m = forms.DecimalField(
        label=_("距作业点，m"), required=False, min_value=0, max_digits=7, decimal_places=2
    )
    gas = fields.choice(
        _("气体"), [(k, words_of(v.name)) for k, v in gases().items() if v.lel is not None], required=False,
        help_text=_("只对便携式可燃气体检测仪有效：作业处可能存在的气体；不填时按点位登记的介质或标定气体。"),
    )  # fmt: skip
    field_order = ("instrument", "gas", "position", "point", "phase", "distance_m", "analyst")

    def __init__(self, *args: Any, instruments: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", "—"), *instruments]  # type: ignore[attr-defined]


class GasForm(DrawnForm):
    """A value that somebody read and types."""

    quantity = fields.choice(_("分析项目"), [(k, words_of(v)) for k, v in gas_rules.QUANTITIES.items()])
    gas = fields.choice(_("气体"), [(k, words_of(v.name)) for k, v in gases().items()], required=False)
    value = forms.DecimalField(label=_("分析结果"), max_digits=12, decimal_places=6)
    unit = fields.choice(_("单位"), [(one, one) for one in UNITS])
    sampled_at = fields.moment(_("取样时间"))
    instrument = fields.words(_("仪器编号"), limit=60)
    calibration_due = fields.day(_("检定有效期至"), required=False)
    calibrated_with = fields.choice(
        _("标定气体"), [(k, words_of(v.name)) for k, v in gases().items()], required=False,
        help_text=_("读数为%LEL且被测气体不是甲烷的，填标定气体或修正系数。"),
    )  # fmt: skip
    correction = forms.DecimalField(label=_("修正系数"), required=False, max_digits=8, decimal_places=4)
    field_order = (
        "quantity", "gas", "value", "unit", "position", "point", "phase", "distance_m", "sampled_at", "instrument",
        "calibration_due", "calibrated_with", "correction", "analyst",
    )  # fmt: skip


class BriefingForm(forms.Form):
    briefer = fields.words(_("安全交底人"), limit=60)
    place = fields.words(_("交底地点"), limit=120)
    content = fields.text(_("交底内容"), limit=4000)
    attended = forms.MultipleChoiceField(label=_("接受交底人"), widget=forms.CheckboxSelectMultiple)


class FoundForm(forms.Form):
    """What was found at the place; what is left empty says nothing."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in asks_of(FOUND, kind):
            self.fields[one.name] = one.field()


class SignForm(ConfirmForm):
    """The next signature; of who signs on the spot, who it is."""

    opinion = fields.text(_("意见"), rows=2, limit=500, required=False)
    #: Which signature the page asked for, of what was presented.
    step = forms.CharField(widget=forms.HiddenInput, required=False)
    department = forms.CharField(widget=forms.HiddenInput, required=False)
    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, people: list[PermitPerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"] = PositionField(
            help_text=_("签字须在作业点附近（默认15 m内）进行：位置只随本次签字保存，用于核对是否在现场签字。")
        )
        # Who has no account signs by his hand alone.
        self.fields["image"] = SignatureField(required=bool(people))
        if people:
            offered = [(str(one.pk), one.person.name) for one in people]
            self.fields["person"] = fields.choice(_("现场签字人"), offered)


class MeasureForm(forms.Form):
    """One row of the form: it applies and is in place, with its figures, or it does not apply."""

    applies = fields.choice(_("是否涉及"), [("1", _("涉及，已落实")), ("0", _("不涉及"))])

    def __init__(self, *args: Any, row: tickets.Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in row.parameters:
            # Named as the standard names it, so that what is refused stands beside it.
            self.fields[name] = fields.words(
                words_of(tickets.figure(name)), required=False, limit=80, help_text=_("涉及本措施的必须填写。")
            )


class PlaceForm(forms.Form):
    """Where the work is; signers are measured against it, and other work."""

    position = PositionField(help_text=_("到作业点后获取当前位置，经纬度自动填入；也可直接填写。"))
    lon, lat = longitude(_("作业点经度")), latitude(_("作业点纬度"))
    radius_m = forms.DecimalField(
        label=_("作业范围半径，m"), required=False, min_value=0, max_value=500, max_digits=4, decimal_places=1
    )
    z_min_m = forms.DecimalField(label=_("作业面最低标高，m"), required=False, max_digits=4, decimal_places=1)
    z_max_m = forms.DecimalField(label=_("作业面最高标高，m"), required=False, max_digits=4, decimal_places=1)
    line = fields.words(
        _("所在管道"), required=False, limit=60, help_text=_("没有的写“无”；不填按不清楚处理，15 m内视为相同。")
    )
    space = fields.words(_("所在受限空间"), required=False, limit=60)
    dike = fields.words(_("所在防火堤"), required=False, limit=60)
    structure = fields.words(_("所在脚手架、构筑物"), required=False, limit=60)
    system = fields.words(_("所在工艺系统"), required=False, limit=60)
    serves = fields.words(_("断路影响的单元"), required=False, limit=60)


class RelateForm(forms.Form):
    other = forms.ModelChoiceField(label=_("关联作业票"), queryset=Permit.objects.none())


class PlanForm(forms.Form):
    plan = fields.FilesField(label=_("作业方案"))


class ReasonForm(forms.Form):
    reason = fields.text(_("原因"), rows=2, limit=500)


class SuspendForm(forms.Form):
    stop_reason = fields.choice(_("暂停原因"), [(code, words_of(STOP_REASONS[code])) for code in SUSPENDED_BY])
    note = fields.text(_("说明"), rows=2, limit=500, required=False)


class NoteForm(forms.Form):
    note = fields.text(_("情况说明"), rows=2, limit=500, help_text=_("人员、工具已清点，现场已恢复；隔离是否解除。"))


class VoidForm(forms.Form):
    event = fields.choice(_("作废原因"), [(code, words_of(endings()[code].why.text)) for code in VOIDED_BY])
    reason = fields.text(_("说明"), rows=2, limit=500)

"""Forms of meetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Attendee, WorkGroup
from quancheng.domains.duty.models.meetings import Attendance, Frequency, MeetingKind
from quancheng.domains.duty.queries.visits import list_groups
from quancheng.kernel.pages import fields


class MeetingForm(fields.ActorForm):
    """A meeting to be planned."""

    title = fields.words(_("会议名称"))
    kind = fields.choice(_("会议类别"), MeetingKind.choices)
    trigger = fields.words(
        _("触发原因"), required=False, limit=300, help_text=_("临时调度会须写明：重点时段，或出现的新情况新问题。")
    )
    theme = fields.words(_("主题"), required=False, limit=60)
    due_date = fields.day(_("最迟召开日期"))
    planned_at = fields.moment(_("计划召开时间"), required=False)
    place = fields.words(_("地点"), required=False, limit=120)
    orgs = fields.orgs(_("参会单位"))
    group = forms.ModelChoiceField(
        label=_("所属小组"), queryset=WorkGroup.objects.none(), required=False, empty_label="—",
        help_text=_("领导小组或工作组召开的会议。"),
    )  # fmt: skip
    points = fields.text(
        _("补充议题"), required=False, rows=3, help_text=_("每行一项；任务进展、超期事项等议题由系统自动列出。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = list_groups(actor=self.actor).filter(ended_date__isnull=True)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class SeriesForm(fields.ActorForm):
    """A series of meetings."""

    title = fields.words(_("会议名称"), limit=120)
    kind = fields.choice(
        _("会议类别"), [pair for pair in MeetingKind.choices if pair[0] not in ("adhoc", "mobilisation")]
    )
    frequency = fields.choice(_("召开周期"), Frequency.choices)
    themes = fields.text(
        _("各期主题"),
        required=False,
        help_text=_("每行一期，例如按季度：开门红、夯基础、促攻坚、保目标；没有主题的不填。"),
    )
    orgs = fields.orgs(_("参会单位"))


class YearForm(forms.Form):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)


class HoldForm(forms.Form):
    held_at = fields.moment(_("召开时间"))
    chair = fields.words(_("主持人"), limit=60)
    place = fields.words(_("地点"), required=False, limit=120)


class RescheduleForm(forms.Form):
    due_date = fields.day(_("改为最迟召开日期"))
    reason = fields.text(_("原因"), rows=2)


class AttendanceForm(forms.Form):
    """Who was there: two fields a unit."""

    def __init__(self, *args: Any, attendees: Sequence[Attendee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attendee in attendees:
            label = attendee.org.label
            self.fields[f"attendance_{attendee.pk}"] = forms.ChoiceField(
                label=label, choices=Attendance.choices, initial=attendee.attendance or Attendance.PRESENT
            )
            self.fields[f"person_{attendee.pk}"] = forms.CharField(
                label=_("%(org)s参会人员") % {"org": label},
                max_length=60,
                required=False,
                initial=attendee.person,
            )


class DecisionForm(fields.ActorForm):
    text = fields.text(_("议定事项"), rows=3, help_text=_("印发纪要时转为任务，交责任单位办理。"))
    leads = fields.orgs(_("责任单位"))
    due_date = fields.day(_("完成时限"))


class StrikeForm(forms.Form):
    """Which decision to strike out."""

    decision = forms.ChoiceField(label=_("议定事项"))

    def __init__(self, *args: Any, decisions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = list(decisions)  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    minutes = fields.text(
        _("会议纪要"), rows=18, limit=20_000, help_text=_("已按出席情况、会议材料和议定事项起草，请核对修改。")
    )


class InviteForm(fields.ActorForm):
    orgs = fields.orgs(_("参会单位"))


class PointsForm(forms.Form):
    points = fields.text(_("补充议题"), required=False, help_text=_("每行一项。"))

"""Forms of groups and supervision visits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Campaign, Plan, Visit, WorkGroup
from quancheng.domains.duty.models.visits import GroupKind, GroupRole, Outcome, VisitKind
from quancheng.domains.duty.queries import campaigns as campaign_queries
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import visits as queries
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class GroupForm(fields.ActorForm):
    """A group to be founded."""

    kinds = {"office": ("office", "department", "town")}

    kind = fields.choice(_("组别"), GroupKind.choices)
    title = fields.words(_("名称"))
    office = fields.org(_("办公室所在单位"))
    section = fields.words(_("办公室所在科室"), required=False, limit=60)
    founded_date = fields.day(_("成立日期"))
    plan = forms.ModelChoiceField(
        label=_("依据的计划文件"), queryset=Plan.objects.none(), required=False, empty_label="—"
    )
    campaign = forms.ModelChoiceField(
        label=_("所属专项行动"), queryset=Campaign.objects.none(), required=False, empty_label="—"
    )
    duties = fields.text(_("工作职责"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = plan_queries.list_plans(actor=self.actor).filter(status="RUNNING")
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]
        campaigns = campaign_queries.list_campaigns(actor=self.actor).filter(status__in=("PLANNED", "RUNNING"))
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]


class MemberForm(fields.ActorForm):
    """Who joins a group."""

    role = fields.choice(_("组内职务"), GroupRole.choices)
    org = fields.org(_("单位"))
    name = fields.words(_("姓名"), required=False, limit=60, help_text=_("以单位名义参加的可不填；组长、副组长必填。"))
    post = fields.words(_("职务"), required=False, limit=60)


class LeaveForm(forms.Form):
    """Who leaves a group."""

    member = forms.ChoiceField(label=_("成员"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, group: WorkGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.get_role_display()} {one.name or one.org.label}")
            for one in group.now  # type: ignore[attr-defined]
        ]


class VisitForm(fields.ActorForm):
    """A visit to be made."""

    kinds = {"org": ("department", "town", "village", "enterprise", "agency")}

    kind = fields.choice(_("督导方式"), VisitKind.choices, help_text=_("暗访登记前被督导单位看不到。"))
    org = fields.org(_("被督导单位"))
    subject = fields.words(_("督导内容"), limit=300)
    reason = fields.words(
        _("督导缘由"), required=False, limit=300, help_text=_("例如：任务推进迟缓、排查不到位、群众反映强烈。")
    )
    planned_date = fields.day(_("计划日期"))
    group = forms.ModelChoiceField(
        label=_("督导组"), queryset=WorkGroup.objects.none(), required=False, empty_label="—"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = queries.list_groups(actor=self.actor).filter(ended_date__isnull=True)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class VisitRecordForm(forms.Form):
    """What a visit saw and found."""

    visited_date = fields.day(_("督导日期"))
    inspectors = fields.words(_("督导人员"))
    text = fields.text(_("督导情况"))
    findings = fields.text(
        _("发现的问题"), required=False, rows=5, help_text=_("每行一个问题；逐项作出处理意见后才能办结。")
    )
    evidence = FilesField(label=_("现场照片和材料"), required=False)


class SettleForm(forms.Form):
    """What becomes of one finding."""

    finding = forms.ChoiceField(label=_("问题"), widget=forms.RadioSelect)
    outcome = fields.choice(_("处理意见"), Outcome.choices)
    due_date = fields.day(_("整改时限"), required=False, help_text=_("下达任务整改时必填。"))
    place = fields.words(_("约谈时间和地点"), required=False, help_text=_("约谈时必填。"))

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = [one for one in queries.list_findings(visit=visit) if not one.outcome]
        self.fields["finding"].choices = [(str(one.pk), one.text) for one in waiting]  # type: ignore[attr-defined]


class PeriodForm(forms.Form):
    """Which days a statistic counts."""

    first = fields.day(_("起始日期"))
    last = fields.day(_("截止日期"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", _("截止日期不能早于起始日期。"))
        return given

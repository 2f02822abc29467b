"""What people type about experts and agencies: members, assignments, findings, reports, services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import EnterpriseField
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.forms import bounded
from quancheng.domains.training.forms.contractors import line_choices, money
from quancheng.domains.training.models import (
    AppraisalResult,
    DiagnosisPart,
    InterestKind,
    MemberKind,
    PoolMember,
    Purpose,
    ReportKind,
    RuleGroup,
    ServiceKind,
    SpotResult,
)
from quancheng.domains.training.services.pools.members import FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


def several(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一项。")},
    )  # fmt: skip


def count(label: Any, *, required: bool = True, most: int = 9999) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=required, min_value=0, max_value=most)


class MemberField(forms.ModelChoiceField):
    def label_from_instance(self, obj: PoolMember) -> str:
        return f"{obj.name} {obj.unit_name}".strip()


class MemberForm(forms.Form):
    """Somebody, or an agency, is engaged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = fields.choice(_("类别"), MemberKind.choices)
        self.fields["name"] = fields.words(_("姓名（机构名称）"), limit=120)
        self.fields["unit_name"] = fields.words(_("所在单位"), required=False, limit=120)
        self.fields["unit_code"] = fields.words(_("所在单位统一社会信用代码"), required=False, limit=18)
        self.fields["title"] = fields.words(_("职称、职务"), required=False, limit=120)
        self.fields["fields"] = several(_("专业领域"), line_choices(RuleGroup.FIELD))
        self.fields["letter"] = fields.words(_("聘书编号"), limit=60)
        self.fields["term_from"] = bounded.day(_("聘期起"))
        self.fields["term_to"] = bounded.day(_("聘期止"))
        self.fields["certificate"] = fields.words(_("证书（资质）编号"), required=False, limit=80)
        self.fields["certificate_to"] = bounded.day(_("证书（资质）有效期止"), required=False)
        self.fields["scope"] = fields.text(_("资质业务范围"), required=False, rows=2, limit=300)
        self.fields["phone"] = fields.words(_("联系电话"), required=False, limit=30, help_text=_("加密保存。"))
        self.fields["username"] = fields.words(_("系统账号"), required=False, limit=60)


class MemberChangeForm(MemberForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def known_of(row: PoolMember) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in FIELDS}
    return {**known, "username": row.user.username if row.user else "", "version": row.version}


class InterestForm(forms.Form):
    file = EnterpriseField(label=_("企业"), queryset=Enterprise.objects.none())
    kind = fields.choice(_("回避情形"), InterestKind.choices)
    until_date = bounded.day(_("截止日期"), required=False, help_text=_("仍然存在的留空。"))


class AppraisalForm(forms.Form):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2200)
    result = fields.choice(_("年度考核结果"), AppraisalResult.choices)
    reward = fields.text(_("奖惩"), rows=3, limit=500)


class _SendForm(forms.Form):
    """To which enterprise, for what, when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"] = EnterpriseField(label=_("企业"), queryset=Enterprise.objects.none())
        self.fields["purpose"] = fields.choice(_("任务"), Purpose.choices)
        self.fields["field"] = fields.choice(_("专业领域"), line_choices(RuleGroup.FIELD))
        self.fields["visit_date"] = bounded.day(_("到场日期"))


class AssignForm(_SendForm):
    """A member who is named."""


class DrawForm(_SendForm):
    """Members drawn by lot."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"] = several(_("类别"), MemberKind.choices)
        self.fields["number"] = forms.IntegerField(label=_("人数"), min_value=1, max_value=10)


class FinishForm(forms.Form):
    text = fields.text(_("履职情况"), limit=5000)
    hours = forms.DecimalField(label=_("工作小时"), max_digits=5, decimal_places=1, min_value=0)


class ScoreForm(forms.Form):
    score = count(_("评分"), most=100)
    text = fields.text(_("评价意见"), rows=3, limit=1000)


class PayForm(forms.Form):
    fee_yuan = money(_("劳务费（元）"), digits=10)
    cost_yuan = money(_("其他费用（元）"), digits=10, required=False)
    text = fields.words(_("付费凭证"), limit=200)


class FindingForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"] = fields.choice(_("部分"), DiagnosisPart.choices)
        self.fields["field"] = fields.choice(_("专业领域"), line_choices(RuleGroup.FIELD))
        self.fields["place"] = fields.words(_("部位"), limit=120)
        self.fields["text"] = fields.text(_("问题"), rows=3, limit=1000)
        self.fields["basis"] = fields.words(_("依据"), required=False, limit=300)
        self.fields["advice"] = fields.text(_("建议"), rows=3, limit=1000)
        self.fields["is_major"] = forms.BooleanField(label=_("疑似重大隐患"), required=False)


class ReportForm(forms.Form):
    """A report of safety evaluation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"] = MemberField(label=_("评价机构"), queryset=PoolMember.objects.none())
        self.fields["number"] = fields.words(_("报告编号"), limit=80)
        self.fields["kind"] = fields.choice(_("评价类别"), ReportKind.choices)
        self.fields["field"] = fields.choice(_("业务范围"), line_choices(RuleGroup.FIELD))
        for name, label in (
            ("contract_date", _("合同签订日期")), ("site_date", _("现场勘验日期")), ("report_date", _("报告日期")),
        ):  # fmt: skip
            self.fields[name] = bounded.day(label)
        self.fields["team"] = fields.text(
            _("评价人员"), rows=4, limit=4000, help_text=_("每行一人：姓名，证书编号，证书有效期止，专业。")
        )
        self.fields["conclusion"] = fields.text(_("评价结论"), rows=3, limit=2000)
        self.fields["problem_count"] = count(_("提出问题数"))
        self.fields["rectified_count"] = count(_("已整改数"), required=False)
        self.fields["hazard_count"] = count(_("报告载明的重大危险源数"), most=999)
        self.fields["text"] = fields.text(_("报告正文"), required=False, rows=6, limit=50_000)
        self.fields["filed_date"] = bounded.day(_("备案日期"), required=False)
        self.fields["files"] = FilesField(label=_("报告文件"))
        self.fields["photos"] = FilesField(label=_("现场照片"), required=False)

    def clean_team(self) -> list[dict[str, Any]]:
        """:raises ValidationError: a line that does not read so."""
        found = []
        for line in fields.lines(self.cleaned_data["team"]):
            parts = [one.strip() for one in line.replace(",", "，").split("，")]
            if len(parts) < 2 or not parts[0] or not parts[1]:
                raise forms.ValidationError(_("每行至少写明姓名和证书编号，用逗号分开。"))
            parts += [""] * (4 - len(parts))
            try:
                ends = forms.DateField(required=False).clean(parts[2])
            except forms.ValidationError:
                raise forms.ValidationError(_("证书有效期止应写作 2026-10-31 的形式。")) from None
            found.append(
                {"name": parts[0], "certificate": parts[1], "certificate_to": ends, "speciality": parts[3]}
            )
        return found


class SpotForm(forms.Form):
    checked_date = bounded.day(_("抽查日期"))
    result = fields.choice(_("抽查结果"), SpotResult.choices)
    text = fields.text(_("抽查情况"), rows=4, limit=2000)
    penalty = fields.text(_("处罚（处理）"), required=False, rows=2, limit=500)
    decision = fields.words(_("决定书文号"), required=False, limit=80)
    fine_yuan = money(_("罚款（元）"), digits=12, required=False)
    files = FilesField(label=_("附件"), required=False)  # type: ignore[assignment]  # the field takes no more than its name


class ServiceForm(forms.Form):
    """Services bought of an agency or expert."""

    provider = MemberField(label=_("服务机构（专家）"), queryset=PoolMember.objects.none())
    number = fields.words(_("合同编号"), limit=60)
    kinds = several(_("服务内容"), ServiceKind.choices)
    from_date = bounded.day(_("合同期限起"))
    to_date = bounded.day(_("合同期限止"))
    amount_yuan = money(_("合同金额（元）"), digits=12)
    visits_a_year = count(_("每年服务次数"), most=366)
    files = FilesField(label=_("合同附件"), required=False)  # type: ignore[assignment]  # the field takes no more than its name


class VisitForm(forms.Form):
    kind = fields.choice(_("服务内容"), ServiceKind.choices)
    visited_date = bounded.day(_("服务日期"))
    people = fields.words(_("服务人员"), limit=200)
    text = fields.text(_("服务情况"), limit=2000)
    found = count(_("发现问题数"))
    files = FilesField(label=_("附件"), required=False)  # type: ignore[assignment]  # the field takes no more than its name

"""What people type about contractors: companies, items of admission, agreements, contracts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms import bounded
from quancheng.domains.training.models import (
    Admission,
    AgreementClause,
    CheckResult,
    Contractor,
    OutsideRule,
    RuleGroup,
)
from quancheng.domains.training.queries.outside_rules import lines_of
from quancheng.domains.training.services.contractors.admissions import AGREEMENT_FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


def line_choices(group: str) -> list[tuple[str, str]]:
    """Lines of the settings as a form offers them."""
    return [(one.code, one.shown) for one in lines_of(group)]


def money(label: Any, *, digits: int, required: bool = True) -> forms.DecimalField:
    """Yuan with two decimals, of as many digits as its column keeps."""
    return forms.DecimalField(label=label, required=required, max_digits=digits, decimal_places=2, min_value=0)


class ContractorForm(forms.Form):
    code = fields.words(_("统一社会信用代码"), limit=18)
    name = fields.words(_("承包商名称"), limit=120)
    business = fields.text(_("经营范围"), required=False, rows=3, limit=500)


class ContractorChangeForm(forms.Form):
    name = fields.words(_("承包商名称"), limit=120)
    business = fields.text(_("经营范围"), required=False, rows=3, limit=500)
    version = forms.IntegerField(widget=forms.HiddenInput)


class QualificationForm(forms.Form):
    """As it stands on the certificate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["work"] = fields.choice(_("承包作业类别"), line_choices(RuleGroup.WORK))
        self.fields["name"] = fields.words(_("资质名称和等级"), limit=120)
        self.fields["number"] = fields.words(_("证书编号"), limit=60)
        self.fields["holder_name"] = fields.words(
            _("证书持有单位"), limit=120, help_text=_("照证书填写；与承包商不一致的会提示。")
        )
        self.fields["holder_code"] = fields.words(_("证书持有单位统一社会信用代码"), required=False, limit=18)
        self.fields["valid_from"] = bounded.day(_("有效期起"))
        self.fields["valid_to"] = bounded.day(_("有效期止"), required=False)
        self.fields["files"] = FilesField(label=_("证书扫描件"))


class ReasonForm(forms.Form):
    reason = fields.words(_("原因"), limit=200)


class AdmissionForm(forms.Form):
    """A company is taken up as a candidate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["works"] = forms.MultipleChoiceField(
            label=_("承包作业类别"), choices=line_choices(RuleGroup.WORK), widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("请选择承包作业类别。")},
        )  # fmt: skip


class ItemForm(forms.Form):
    """One item of the checklist, judged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = fields.choice(_("审查项目"), line_choices(RuleGroup.CHECK))
        self.fields["result"] = fields.choice(_("审查结果"), CheckResult.choices)
        self.fields["score"] = forms.IntegerField(
            label=_("得分"), required=False, min_value=0, max_value=100, help_text=_("非否决项按0到100打分。")
        )
        self.fields["number"] = fields.words(_("文件编号"), required=False, limit=80)
        self.fields["valid_to"] = bounded.day(_("文件有效期止"), required=False)
        self.fields["note"] = fields.words(_("说明"), required=False, limit=500)
        self.fields["files"] = FilesField(label=_("证明文件"), required=False)


class AgreementForm(forms.Form):
    """The safety agreement with its term."""

    agreement_number = fields.words(_("协议编号"), limit=60)
    agreement_signed_date = bounded.day(_("签订日期"))
    agreement_from = bounded.day(_("协议期限起"))
    agreement_to = bounded.day(_("协议期限止"))
    agreement_scope = fields.text(_("作业范围"), rows=3, limit=500)
    agreement_clauses = forms.MultipleChoiceField(
        label=_("协议内容"), choices=AgreementClause.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("协议中已约定的内容，须全部约定。"), error_messages={"required": _("请勾选协议已约定的内容。")},
    )  # fmt: skip
    deposit_yuan = money(_("安全保证金（元）"), digits=12, required=False)
    signed_own = fields.words(_("本单位签字人"), limit=60)
    signed_contractor = fields.words(_("承包商签字人"), limit=60)
    files = FilesField(label=_("签字盖章的协议"), required=False)  # type: ignore[assignment]  # the field takes no more than its name


def agreement_of(row: Admission) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AGREEMENT_FIELDS}


class ContractorField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Contractor) -> str:
        return f"{obj.name} {obj.code}"


class ContractForm(forms.Form):
    """A contract: who manages, contracts out, undertakes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = fields.words(_("工程（服务）名称"), limit=120)
        self.fields["number"] = fields.words(_("合同编号"), limit=60)
        self.fields["work"] = fields.choice(_("承包作业类别"), line_choices(RuleGroup.WORK))
        self.fields["amount_yuan"] = money(_("合同金额（元）"), digits=14)
        for name, label in (
            ("signed_date", _("签订日期")), ("from_date", _("开工日期")), ("to_date", _("完工日期")),
        ):  # fmt: skip
            self.fields[name] = bounded.day(label)
        for name, label in (
            ("manager", _("主管责任人（谁主管）")), ("issuer", _("发包责任人（谁发包）")),
            ("undertaker", _("承包责任人（谁承包）")),
        ):  # fmt: skip
            self.fields[name] = fields.words(label, limit=120, help_text=_("部门、职务和姓名。"))
        self.fields["plan_date"] = bounded.day(_("作业方案审查日期"), required=False)
        self.fields["brief_date"] = bounded.day(_("安全交底日期"), required=False)


class LowerContractForm(ContractForm):
    """One under another: who undertakes it is another company."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contractor"] = ContractorField(
            label=_("分包单位"), queryset=Contractor.objects.none(), error_messages={"required": _("请选择分包单位。")}
        )
        self.order_fields(["contractor"])


class ContractMendForm(forms.Form):
    plan_date = bounded.day(_("作业方案审查日期"), required=False)
    brief_date = bounded.day(_("安全交底日期"), required=False)
    ended_date = bounded.day(_("终止日期"), required=False)


class SuspendForm(forms.Form):
    reason = fields.text(_("原因"), limit=500)
    suspended_until = bounded.day(_("暂停至"))


class AdmitForm(forms.Form):
    text = fields.text(_("准入意见"), limit=2000, help_text=_("现场核查情况和准入结论。"))


class OutsideRuleForm(forms.Form):
    """A line of the settings."""

    name = fields.words(_("名称"), limit=200)
    name_en = fields.words(_("英文名称"), required=False, limit=200)
    value = forms.DecimalField(label=_("数值"), required=False, max_digits=12, decimal_places=2)
    person_value = forms.DecimalField(label=_("个人计分"), required=False, max_digits=4, decimal_places=1)
    is_hard = forms.BooleanField(label=_("否决项"), required=False)
    is_used = forms.BooleanField(label=_("启用"), required=False)
    reason = fields.words(_("修改理由"), limit=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


def rule_of(row: OutsideRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (
        "name", "name_en", "value", "person_value", "is_hard", "is_used", "version",
    )}  # fmt: skip

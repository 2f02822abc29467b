"""What people type about checks led by the main person, their rhythm, and the unit's rules of self-checking."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import AnswerCode, Finding, Matter, SelfCheck
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.queries.criteria import name_in_language, worded_in_language
from quancheng.domains.hazards.services.self_checks import RECORD
from quancheng.kernel.law.models import Clause
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.people.queries import list_colleagues
from quancheng.standards.hidden_dangers.self_checks import RHYTHMS


class _Findings(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Finding) -> str:
        return f"{obj.code} {obj.name}"


class SelfCheckForm(forms.Form):
    """A check as it was made: each criterion, what was found, the signature."""

    def __init__(self, *args: Any, row: SelfCheck, clauses: Sequence[Clause], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clauses = clauses
        self.fields["checked"] = fields.day(_("排查日期"))
        self.fields["places"] = fields.words(_("排查部位"), required=False, limit=500)
        for one in clauses:
            self.fields[f"item_{one.place}"] = forms.ChoiceField(
                label=f"{one.place} {worded_in_language(one)}", choices=AnswerCode.choices, widget=forms.RadioSelect,
                required=False, initial=AnswerCode.UNCHECKED.value,
            )  # fmt: skip
            self.fields[f"note_{one.place}"] = fields.words(
                _("不符合情况（%(place)s）") % {"place": one.place}, required=False, limit=300
            )
        self.fields["findings"] = _Findings(
            label=_("发现的隐患"), queryset=queries.findings_for(row), required=False,
            widget=forms.CheckboxSelectMultiple, help_text=_("本期间登记的隐患；没有列出的，请先登记隐患。"),
        )  # fmt: skip
        self.fields["none_found"] = forms.BooleanField(label=_("声明：未发现重大事故隐患"), required=False)
        self.fields["note"] = fields.text(_("排查情况"), required=False, rows=3, limit=1000)
        self.fields["files"] = FilesField(label=_("现场照片、签名图片"), required=False)
        self.fields["signed"] = fields.words(
            _("本人签名"), limit=130, help_text=_("填写您本人的姓名，即为签字确认以上内容属实。")
        )

    def groups(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        """Criteria by the set that they are of: its name, and item and note beside each other."""
        return [
            (name_in_language(text), [(self[f"item_{one.place}"], self[f"note_{one.place}"]) for one in those])
            for text, those in groupby(self.clauses, key=lambda one: one.edition.text)
        ]

    def before(self) -> list[Any]:
        return [self["checked"], self["places"]]

    def after(self) -> list[Any]:
        return [self[name] for name in ("findings", "none_found", "note", "files", "signed")]


class DeputeForm(forms.Form):
    """Who goes in the main person's place, and why."""

    def __init__(self, *args: Any, row: SelfCheck, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = list_colleagues(organisation_id=row.owner_org_id, duty=RECORD)
        self.fields["deputy"] = fields.choice(
            _("受委托人"), [("", "—"), *((str(one.user_id), one.name) for one in able)]
        )
        self.fields["reason"] = fields.words(_("委托原因"), limit=300, help_text=_("监管部门会看到。"))


class RuleForm(forms.Form):
    """Which trades are high-risk, and how often each owes a check."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [(str(one), str(one)) for one in RHYTHMS]
        self.fields["high_kinds"] = forms.MultipleChoiceField(
            label=_("高危行业"), choices=queries.kinds_of_rhythm(), required=False,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        self.fields["high_months"] = fields.choice(_("高危行业周期（月）"), months)
        self.fields["other_months"] = fields.choice(_("其他行业周期（月）"), months)
        self.fields["three_persons"] = forms.BooleanField(
            label=_("三方责任人每月排查"), required=False,
            help_text=_("高危行业企业除企业主要负责人外，监管部门、属地镇街责任人也每月至少排查一次。"),
        )  # fmt: skip
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)


class MechanismForm(forms.Form):
    """The rules that an enterprise confirms, with the documents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"] = fields.choice(_("机制类别"), Matter.choices)
        self.fields["title"] = fields.words(_("制度名称"), limit=200)
        self.fields["issued"] = fields.day(_("印发日期"))
        self.fields["text"] = fields.text(
            _("主要内容"), required=False, rows=3, limit=1000, help_text=_("谁来查、怎样报、怎样改。")
        )
        self.fields["files"] = FilesField(label=_("制度文件"))

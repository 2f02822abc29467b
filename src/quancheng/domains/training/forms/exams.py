"""What people type about rules for papers and exams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import EnterpriseField
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import ExamPolicy, PaperRule, Person, Programme, QuestionKind
from quancheng.domains.training.queries.papers import ORDER
from quancheng.domains.training.queries.questions import subject_names
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.pages import fields
from quancheng.kernel.people.models import User

#: Subjects of which a rule's form asks a least number.
PLACES = 4


class RuleForm(forms.Form):
    """How papers are built."""

    name = fields.words(_("规则名称"), limit=80)
    minutes = forms.IntegerField(label=_("考试时间（分钟）"), help_text=_("60 至 120 分钟。"))
    major_share = forms.IntegerField(
        label=_("重大事故隐患试题占比（%）"), min_value=0, max_value=100, help_text=_("不得低于区级规定。")
    )
    role = forms.ChoiceField(label=_("适用岗位角色"), required=False, help_text=_("只从适用该岗位的试题中抽取。"))
    is_partial = forms.BooleanField(label=_("多选题少选按比例给分（选错不得分）"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [("", "—"), *((one.code, one.shown) for one in list_roles())]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        for kind in ORDER:
            told = {"kind": QuestionKind(kind).label}
            self.fields[f"count_{kind}"] = forms.IntegerField(
                label=gettext("%(kind)s题数") % told, min_value=0, max_value=200, required=False
            )
            self.fields[f"marks_{kind}"] = forms.IntegerField(
                label=gettext("%(kind)s每题分值") % told, min_value=0, max_value=100, required=False
            )
        subjects = [("", "—"), *subject_names().items()]
        for place in range(1, PLACES + 1):
            at = {"place": place}
            self.fields[f"subject{place}"] = forms.ChoiceField(
                label=gettext("指定知识点 %(place)s") % at, choices=subjects, required=False
            )
            self.fields[f"least{place}"] = forms.IntegerField(
                label=gettext("知识点 %(place)s 最少题数") % at, min_value=0, max_value=200, required=False
            )
        counts = [name for kind in ORDER for name in (f"count_{kind}", f"marks_{kind}")]
        self.order_fields(["name", "minutes", *counts, "major_share"])

    def known(self) -> dict[str, Any]:
        """What the service takes."""
        given: Mapping[str, Any] = self.cleaned_data
        least = {
            given[f"subject{place}"]: given[f"least{place}"] or 0
            for place in range(1, PLACES + 1)
            if given[f"subject{place}"]
        }
        return {
            **{name: given[name] for name in ("name", "minutes", "major_share", "role", "is_partial")},
            "counts": {kind: given[f"count_{kind}"] or 0 for kind in ORDER},
            "marks": {kind: given[f"marks_{kind}"] or 0 for kind in ORDER}, "least": least,
        }  # fmt: skip

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with the counts together stands at the first of them."""
        at = {"counts": f"count_{ORDER[0]}", "least": "least1"}
        super().add_error(at.get(field or "", field), error)


def initial_of(rule: PaperRule) -> dict[str, Any]:
    """What stands, as the form shows it."""
    told: dict[str, Any] = {
        name: getattr(rule, name) for name in ("name", "minutes", "major_share", "role", "is_partial", "version")
    }
    for kind in ORDER:
        told |= {f"count_{kind}": rule.counts.get(kind) or None, f"marks_{kind}": rule.marks.get(kind) or None}
    for place, (subject, count) in enumerate(list(rule.least.items())[:PLACES], start=1):
        told |= {f"subject{place}": subject, f"least{place}": count}
    return told


class PolicyForm(forms.ModelForm):
    """What the district demands of every exam."""

    reason = fields.words(_("修改原因"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ExamPolicy
        fields = (
            "major_share", "resit_days", "spot_questions", "spot_minutes", "spot_pass", "spot_least", "spot_most",
            "spot_hours",
        )  # fmt: skip


class _Shown(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(getattr(obj, "shown", None) or obj.name)


class PersonsField(forms.ModelMultipleChoiceField):
    """Persons by name, badge and enterprise."""

    def label_from_instance(self, obj: Person) -> str:
        first = f"{obj.name}（{obj.staff_no}）" if obj.staff_no else obj.name
        return f"{first} {obj.enterprise.name}" if obj.enterprise else first


class UsersField(forms.ModelMultipleChoiceField):
    """Users by name."""

    def label_from_instance(self, obj: User) -> str:
        return obj.name


class EnterprisesField(forms.ModelMultipleChoiceField):
    """Enterprises by name."""

    def label_from_instance(self, obj: Enterprise) -> str:
        return obj.enterprise.name if obj.enterprise else ""


class ExamForm(forms.Form):
    """An exam arranged. The view fills in what may be chosen, and leaves out what is not for the actor.

    An enterprise chooses among its people by name, an office by enterprise and role.
    """

    name = fields.words(_("考试名称"), limit=120)
    programme = _Shown(label=pgettext_lazy("one", "培训大纲"), queryset=Programme.objects.none())
    rule = _Shown(label=_("组卷规则"), queryset=PaperRule.objects.none())
    opens_at = fields.moment(pgettext_lazy("exam", "开始时间"))
    closes_at = fields.moment(pgettext_lazy("exam", "结束时间"))
    persons = PersonsField(
        label=_("考生"), queryset=Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    enterprises = EnterprisesField(label=_("企业"), queryset=Enterprise.objects.none(), required=False)
    roles = forms.MultipleChoiceField(
        label=_("岗位角色"), required=False, help_text=_("所选企业中担任这些岗位的在岗人员参加；不选表示全部在岗人员。")
    )
    users = UsersField(
        label=_("监管人员"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("监管人员登录后在“我的考试”中参加。"),
    )  # fmt: skip


class PersonsForm(forms.Form):
    persons = PersonsField(label=_("考生"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple)


class ReasonForm(forms.Form):
    reason = fields.words(_("原因"))


class SpotForm(forms.Form):
    """A spot exam at an inspection."""

    file = EnterpriseField(label=_("被检查企业"), queryset=Enterprise.objects.none())
    count = forms.IntegerField(label=_("抽考人数"), min_value=1, max_value=50)
    programme = _Shown(
        label=pgettext_lazy("one", "培训大纲"), queryset=Programme.objects.none(),
        help_text=_("抽考不合格的，按此大纲离岗再培训。"),
    )  # fmt: skip
    occasion = fields.words(_("检查事由"), help_text=_("如：9月双随机检查。"))


class MarkForm(forms.Form):
    """Marks of what an examiner must see, and what he remarks. The view says of which questions."""

    def __init__(self, *args: Any, items: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in items:
            told = {"place": one.place, "most": f"{one.marks:g}"}
            self.fields[f"got{one.place}"] = forms.DecimalField(
                label=gettext("第 %(place)s 题得分（满分 %(most)s）") % told, min_value=0, max_value=one.marks,
                max_digits=4, decimal_places=1,
            )  # fmt: skip
            self.fields[f"remark{one.place}"] = fields.words(
                gettext("第 %(place)s 题评语") % told, required=False, limit=500
            )

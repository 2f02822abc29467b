"""What people type about violations, incidents and the black list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms import bounded
from quancheng.domains.training.forms.contractors import line_choices
from quancheng.domains.training.models import (
    Contractor,
    IncidentType,
    ListReason,
    Person,
    RuleGroup,
    WorkContract,
)
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.name} {obj.staff_no}".strip()


class ContractField(forms.ModelChoiceField):
    def label_from_instance(self, obj: WorkContract) -> str:
        return f"{obj.name} {obj.number}"


class CompanyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Contractor) -> str:
        return f"{obj.name} {obj.code}"


class PersonViolationForm(forms.Form):
    """What somebody did; the address names him."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"] = fields.choice(_("计分项目"), line_choices(RuleGroup.POINT))
        self.fields["at"] = bounded.moment(_("时间"))
        self.fields["place"] = fields.words(_("地点"), required=False, limit=120)
        self.fields["text"] = fields.text(_("违章情况"), rows=3, limit=1000)
        self.fields["permit_number"] = fields.words(_("作业票编号"), required=False, limit=60)
        self.fields["files"] = FilesField(label=_("照片、视频"), required=False)


class ViolationForm(PersonViolationForm):
    """What a company, or one of its people, did."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = PersonField(label=_("人员"), queryset=Person.objects.none(), required=False)
        self.fields["contract"] = ContractField(
            label=_("承包合同"), queryset=WorkContract.objects.none(), required=False
        )
        self.order_fields(["rule", "person", "contract"])


class IncidentForm(forms.Form):
    """An incident by its type."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"] = fields.choice(_("事故类型"), IncidentType.choices)
        self.fields["contractor"] = CompanyField(
            label=_("承包商"), queryset=Contractor.objects.none(), required=False
        )
        self.fields["at"] = bounded.moment(_("时间"))
        self.fields["place"] = fields.words(_("地点"), limit=120)
        self.fields["text"] = fields.text(_("经过"), limit=2000)
        for name, label in (("dead", _("死亡人数")), ("injured", _("受伤人数"))):
            self.fields[name] = forms.IntegerField(label=label, required=False, min_value=0, max_value=999)
        self.fields["measures"] = fields.text(_("防范措施"), required=False, limit=2000)
        self.fields["files"] = FilesField(label=_("附件"), required=False)


class ListingForm(forms.Form):
    """A company or a person is proposed for the black list."""

    reason = fields.choice(_("列入原因"), ListReason.choices)
    facts = fields.text(_("事实"), limit=2000)
    term_years = forms.IntegerField(label=_("期限（年）"), min_value=0, max_value=3, help_text=_("1至3年；长期填0。"))


class OpinionForm(forms.Form):
    text = fields.text(_("处理意见"), limit=2000)


class AppealForm(forms.Form):
    text = fields.text(_("申诉意见"), limit=2000, help_text=_("代当事单位（人员）登记。"))

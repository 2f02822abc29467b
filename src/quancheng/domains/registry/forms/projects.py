"""What people type about construction projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Project
from quancheng.domains.registry.models.projects import CHECKLIST, ProjectKind, ProjectLink
from quancheng.domains.registry.services.projects import read_amounts
from quancheng.kernel.pages import fields


class ProjectForm(forms.Form):
    """A project: what, where, and which chemicals by design."""

    title = fields.words(_("项目名称"))
    kind = fields.choice(_("建设性质"), ProjectKind.choices)
    purpose = fields.choice(_("项目类别"), ProjectLink.choices)
    place = fields.words(_("建设地点"))
    text = fields.text(_("建设内容"), required=False)
    chemicals = fields.text(
        _("涉及的化学品和设计最大量"), help_text=_("每行一种，名称（或CAS号）加数量和单位，例如：甲醇 260 t。")
    )

    def clean_chemicals(self) -> list[tuple[Any, Any]]:
        found, faults = read_amounts(fields.lines(self.cleaned_data["chemicals"]))
        if faults:
            raise forms.ValidationError(faults)
        return found


def known_of(row: Project) -> dict[str, Any]:
    """A project as its form shows it."""
    written = [
        f"{one.chemical.cas or one.chemical.name} {one.design_t.normalize():f} t"
        for one in row.chemicals.select_related("chemical").order_by("pk")
    ]
    return {
        "title": row.title, "kind": row.kind, "purpose": row.purpose, "place": row.place, "text": row.text,
        "chemicals": "\n".join(written),
    }  # fmt: skip


class ConsultForm(forms.Form):
    on = fields.day(_("决策咨询日期"))
    by = fields.words(_("咨询专家或机构"))
    text = fields.text(_("咨询结论"))
    evidence = fields.FilesField(label=_("咨询记录"), required=False)


class ApprovalForm(forms.Form):
    document = fields.words(_("特别批准文号"), limit=120)


class ChecklistForm(forms.Form):
    """The admission checklist: a tick and, where it fails, a word why."""

    def __init__(self, *args: Any, known: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in CHECKLIST:
            told = known.get(code, {})
            self.fields[f"ok_{code}"] = forms.BooleanField(label=str(label), required=False, initial=told.get("ok"))
            self.fields[f"note_{code}"] = forms.CharField(
                label=gettext("说明：%(item)s") % {"item": label}, required=False, max_length=500,
                initial=told.get("note"),
            )  # fmt: skip


class TrialPlanForm(forms.Form):
    first = fields.day(_("试生产起始"))
    last = fields.day(_("试生产截止"), help_text=_("一般不超过一年。"))
    plan = fields.text(_("试生产方案"))
    evidence = fields.FilesField(label=_("方案文件"), required=False)


class TrialVisitForm(forms.Form):
    day = fields.day(_("检查日期"))
    inspectors = fields.words(_("检查人员"))
    text = fields.text(_("检查情况"))


class StepForm(forms.Form):
    text = fields.text(_("说明"), rows=3)
    evidence = fields.FilesField(label=_("材料"), required=False)

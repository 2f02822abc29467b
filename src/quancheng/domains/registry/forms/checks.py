"""What people type into checklists, stoppages, design re-verifications and laboratories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import codes, form_of
from quancheng.domains.registry.kinds import CheckAnswer, Kind
from quancheng.domains.registry.models import Laboratory, Unit
from quancheng.domains.registry.queries.checks import Item
from quancheng.domains.registry.services.checks import LAB_FIELDS, CheckSpec
from quancheng.kernel.pages import fields


class ChecklistForm(forms.Form):
    """A checklist: two fields an item, the day, the conclusion and the evidence."""

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in items:
            self.fields[f"answer_{item.place}"] = forms.ChoiceField(
                label=f"{item.place}. {item.text}", choices=CheckAnswer.choices, widget=forms.RadioSelect,
                help_text=_("依据：%(basis)s") % {"basis": item.basis} if item.basis else "",
                error_messages={"required": _("请选择检查结果。")},
            )  # fmt: skip
            self.fields[f"note_{item.place}"] = forms.CharField(
                label=_("第 %(number)s 项说明") % {"number": item.place}, max_length=500, required=False
            )
        self.fields["day"] = fields.day(_("检查日期"))
        self.fields["text"] = fields.text(_("检查结论"), required=False, rows=2, limit=2000)
        self.fields["evidence"] = fields.FilesField(label=_("佐证材料"), required=False)


class DemandForm(ChecklistForm):
    """A checklist with items that are not met, and until when they are to be mended."""

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, items=items, **kwargs)
        self.fields["mend_date"] = fields.day(_("整改时限"))


def spec_of(given: Mapping[str, Any], evidence: Sequence[Any]) -> CheckSpec:
    """What a checklist form gave."""
    found = {
        name.removeprefix("answer_"): (value, given.get(f"note_{name.removeprefix('answer_')}", ""))
        for name, value in given.items()
        if name.startswith("answer_")
    }
    return CheckSpec(answers=found, day=given["day"], text=given.get("text", ""), evidence=evidence)


class StopForm(forms.Form):
    unit = forms.ModelChoiceField(label=_("停产单元"), queryset=Unit.objects.none(), required=False,
                                  empty_label=_("整个企业"))  # fmt: skip
    since = fields.day(_("停产日期"))
    reason = fields.words(_("停产原因"), limit=300)
    resume = fields.day(_("预计恢复日期"), required=False)
    every_days = forms.IntegerField(label=_("检查间隔（天）"), min_value=1, max_value=366, initial=30,
                                    help_text=_("停产期间每隔多少天检查一次。"))  # fmt: skip

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class OpenReverificationsForm(forms.Form):
    kinds = codes(_("企业类别"), Kind.choices, help_text=_("本单位牵头监管、没有未办结复核的企业各启动一件。"))
    due_date = fields.day(_("复核时限"))


class PunishForm(forms.Form):
    case = fields.words(_("案件编号或链接"), help_text=_("立案决定书文号，或执法系统中的链接。"))


class MendedForm(forms.Form):
    text = fields.text(_("整改情况"), rows=4, limit=2000)


LaboratoryForm = form_of("LaboratoryForm", Laboratory, LAB_FIELDS)


class ReasonForm(forms.Form):
    text = fields.text(_("情况说明"), rows=3, limit=2000)

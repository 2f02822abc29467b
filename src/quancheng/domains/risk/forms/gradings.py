"""What people type about gradings and plans of enterprises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.risk.grading_scheme import Question
from quancheng.domains.risk.kinds import GradingCause
from quancheng.domains.risk.queries.grading_facts import Known
from quancheng.domains.risk.queries.gradings import GRADED_KINDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told

_NOT_YET = ("", _("未回答"))
#: A choice of none of them is an answer too, and no empty field.
NO_CHOICE = "none"


def answer_field(question: Question, *, required: bool, help_text: str = "") -> forms.Field:
    """The field of one question by its kind."""
    label = f"{question.code} {told(question.text)}" if len(question.code) < 4 else told(question.text)
    if question.points:
        label = gettext("%(text)s（%(points)s分）") % {"text": label, "points": question.points}
    if question.kind == "yes":
        return fields.choice(label, [_NOT_YET, ("1", _("是")), ("0", _("否"))], required=required, help_text=help_text)
    if question.kind == "choice":
        listed = [(one.code, told(one.name)) for one in question.choices]
        return fields.choice(label, [_NOT_YET, (NO_CHOICE, _("无")), *listed], required=required, help_text=help_text)
    if question.kind == "number":
        return forms.DecimalField(label=label, min_value=0, max_value=10_000, required=required, help_text=help_text)
    return forms.IntegerField(label=label, min_value=0, max_value=10_000, required=required, help_text=help_text)


def value_of(question: Question, given: Any) -> Any:
    """What a field of a question gave, as the service takes it: None where not answered."""
    if given is None or given == "":
        return None
    return "" if question.kind == "choice" and given == NO_CHOICE else given


def shown_in_field(question: Question, kept: str | None) -> Any:
    """A kept answer as its field shows it."""
    return NO_CHOICE if question.kind == "choice" and kept == "" else kept


class FillForm(forms.Form):
    """All that the registry cannot tell, by item; gaps are allowed until it is submitted."""

    def __init__(self, *args: Any, asked: Sequence[tuple[Question, Known | None]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [question for question, _known in asked]
        for question, known in asked:
            hint = ""
            if known is not None and known.rows:
                hint = gettext("档案中：%(rows)s") % {"rows": "、".join(known.rows)}
            self.fields[f"value_{question.code}"] = answer_field(question, required=False, help_text=hint)
            self.fields[f"comment_{question.code}"] = fields.words(
                gettext("说明：%(code)s") % {"code": question.code}, required=False, limit=300
            )
        self.fields["assessed_by"] = fields.words(_("评估专家、机构"), required=False, limit=200)
        self.fields["assessed_date"] = fields.day(_("评估日期"), required=False)
        self.fields["evidence"] = fields.FilesField(label=_("评估报告、佐证材料"), required=False)
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def groups(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Fields by item: answer and comment."""
        found: dict[str, list[tuple[forms.BoundField, forms.BoundField]]] = {}
        for one in self.asked:
            pair = (self[f"value_{one.code}"], self[f"comment_{one.code}"])
            found.setdefault(told(one.group), []).append(pair)
        return list(found.items())

    def rest(self) -> list[forms.BoundField]:
        """Who assessed it, when, with which report."""
        return [self[name] for name in ("assessed_by", "assessed_date", "evidence")]

    def values(self) -> dict[str, Any]:
        return {one.code: value_of(one, self.cleaned_data.get(f"value_{one.code}")) for one in self.asked}

    def comments(self) -> dict[str, str]:
        return {one.code: self.cleaned_data.get(f"comment_{one.code}", "") for one in self.asked}


class CorrectForm(forms.Form):
    """One answer that the office changes."""

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = answer_field(question, required=True)
        self.fields["reason"] = fields.text(_("核改原因"), rows=3)


class BeginForm(forms.Form):
    """Why a round is begun."""

    cause = fields.choice(_("启动原因"), GradingCause.choices)
    text = fields.text(_("原因说明"), required=False, rows=3)


class BeginManyForm(forms.Form):
    """Classes whose enterprises without a colour each get a round."""

    kinds = forms.MultipleChoiceField(
        label=_("企业类别"), widget=forms.CheckboxSelectMultiple,
        help_text=_("本单位牵头监管、没有分级结果也没有正在办理的，各启动一轮。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in Kind.choices if code in GRADED_KINDS
        ]


class NoteForm(forms.Form):
    text = fields.text(_("意见"), required=False, rows=3)


class PolicyForm(forms.Form):
    """A plan: its goal, and a measure a line."""

    goal = fields.text(_("管控目标"), rows=3)
    measures = fields.text(
        _("管控措施"), rows=8,
        help_text=_("每行一条：措施；责任人；完成日期。例如：增设独立安全仪表系统；设备部长；2027-06-30"),
    )  # fmt: skip
    evidence = fields.FilesField(label=_("方案文件"), required=False)

    def clean_measures(self) -> list[tuple[str, str, date]]:
        found, faults = [], []
        for place, line in enumerate(fields.lines(self.cleaned_data["measures"]), start=1):
            parts = [part.strip() for part in line.replace(";", "；").split("；")]
            try:
                text, owner, day = parts
                found.append((text, owner, date.fromisoformat(day)))
            except ValueError:
                faults.append(gettext("第%(line)s行应写成：措施；责任人；日期（年-月-日）。") % {"line": place})
        if faults:
            raise forms.ValidationError(faults)
        return found


def measures_as_text(measures: Sequence[Any]) -> str:
    """Measures as the form shows them."""
    return "\n".join(f"{one['text']}；{one['owner']}；{one['due']}" for one in measures)

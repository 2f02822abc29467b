"""What people type about analyses, their rows, layers of protection, reactions and clearings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.kinds import ClearingKind, Method, Occasion
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.queries.analyses import Value, tolerables
from quancheng.domains.risk.services.reactions import FIELDS as REACTION_FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.reaction import TEMPERATURES
from quancheng.standards.wording import power


class HeadForm(forms.Form):
    """The head of an analysis."""

    def __init__(self, *args: Any, method: str, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        self.fields["title"] = fields.words(_("分析名称"), limit=200)
        if is_new:
            self.fields["rating"] = fields.choice(_("评价方法"), Method.choices)
        self.fields["occasion"] = fields.choice(_("分析时机"), Occasion.choices)
        for code, name in scheme.head_fields(method):
            self.fields[f"head_{code}"] = fields.words(told(name), limit=300)
        self.fields["team"] = fields.words(_("分析人员"), limit=300, help_text=_("多人用顿号分隔。"))
        self.fields["leader"] = fields.words(_("组长"), limit=60)
        self.fields["analysed_date"] = fields.day(_("分析日期"))
        self.fields["due_date"] = fields.day(_("完成期限"), required=False)

    def head(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"head_{code}"] for code, _name in scheme.head_fields(self.method)}


class RowForm(forms.Form):
    """One row of an analysis. What must be filled in is checked by the service, which also knows what follows."""

    def __init__(self, *args: Any, method: str, rating: str, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = scheme.row_fields(method, rating)
        for one in self.asked:
            self.fields[one.code] = self._field(one)
        if not is_new:
            self.fields["drop"] = forms.BooleanField(label=_("删除这一行"), required=False)
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def _field(self, one: scheme.Field) -> forms.Field:
        label, hint = told(one.name), told(one.note) if one.note.zh else ""
        if one.kind == "choice":
            shown = [(code, told(name)) for code, name in one.choices.items()]
            made: forms.Field = forms.ChoiceField(
                label=label, choices=[("", "—"), *shown], required=one.is_needed, help_text=hint
            )
        elif one.kind == "day":
            made = fields.day(label, required=False)
        elif one.kind == "whole":
            made = forms.IntegerField(label=label, min_value=1, max_value=9999, required=one.is_needed)
        elif one.kind == "yes":
            made = forms.BooleanField(label=label, required=False)
        elif one.kind == "long":
            measures = one.code.startswith("measures_") or one.code == "safeguards"
            made = fields.text(
                label, required=one.is_needed, rows=2, limit=2000,
                help_text=_("每行一条，转入风险清单时各成一条措施。") if measures else hint,
            )  # fmt: skip
        else:
            made = fields.words(label, required=one.is_needed, limit=200, help_text=hint)
        lacking = gettext("没有评价就没有颜色，请填写此项。") if one.code[:2] == "f_" else gettext("请填写此项。")
        made.error_messages["required"] = lacking
        return made

    def values(self) -> dict[str, Any]:
        return {one.code: self.cleaned_data.get(one.code) for one in self.asked}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("drop"):
            self.errors.clear()
        return given


class TakeOverForm(forms.Form):
    """Which rows are taken over."""

    def __init__(self, *args: Any, rows: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rows"] = forms.MultipleChoiceField(
            label=_("转入的行"), choices=rows, widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("请至少选择一行。")},
        )  # fmt: skip


class OccasionForm(forms.Form):
    """Why the next edition is made."""

    occasion = fields.choice(_("分析时机"), Occasion.choices)


class DoneForm(forms.Form):
    """What was done, with files."""

    evidence = fields.text(_("完成情况"), limit=2000)
    papers = fields.FilesField(label=_("佐证材料"), required=False)


class LopaForm(forms.Form):
    """A scenario: what begins it, how often, which layers stand against it, how often it may happen."""

    name = fields.words(_("场景"), limit=500, help_text=_("写明初始事件、经过和后果。"))

    def __init__(self, *args: Any, values: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layers: dict[str, Value] = values["layer"]
        events = [("", "—"), *((code, _valued(one)) for code, one in values["event"].items())]
        self.fields["initiating"] = forms.ChoiceField(label=_("典型初始事件"), choices=events, required=False)
        self.fields["initiating_text"] = fields.words(_("初始事件说明"), required=False)
        self.fields["frequency"] = forms.DecimalField(
            label=_("初始事件频率（次/年）"), required=False, max_digits=16, decimal_places=10,
            help_text=_("不填则取典型值的上限。"),
        )  # fmt: skip
        self.fields["initiating_parts"] = fields.words(
            _("初始事件涉及的部件位号"), required=False,
            help_text=_("失效的仪表、阀门，用顿号分隔；用到它们的保护层不独立。"),
        )  # fmt: skip
        self.fields["conditions"] = fields.text(
            _("使能条件、条件修正"), required=False, rows=2, help_text=_("每行一条：名称；概率。例如：点火概率；0.5")
        )
        listed = "、".join(_valued(one) for one in self.layers.values())
        self.fields["layers"] = fields.text(
            _("独立保护层"), required=False, rows=5,
            help_text=gettext(
                "每行一层：名称；类别；失效概率；部件位号。失效概率不填则取典型值上限。类别：%(kinds)s"
            ) % {"kinds": listed},
        )  # fmt: skip
        shown = "、".join(f"{told(name)} {value:f}" for _code, name, value in tolerables())
        self.fields["tolerable"] = forms.DecimalField(
            label=_("可接受频率（次/年）"), max_digits=16, decimal_places=10,
            help_text=gettext("在役装置个人风险基准：%(values)s") % {"values": shown},
        )
        self.fields["tolerable_basis"] = fields.words(_("可接受频率依据"))
        self.fields["day"] = fields.day(_("分析日期"))
        self.fields["assessed_by"] = fields.words(_("分析人员"))
        if not is_new:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def clean_conditions(self) -> list[tuple[str, Decimal]]:
        found = []
        for place, line in enumerate(fields.lines(self.cleaned_data["conditions"]), start=1):
            parts = _parts(line)
            value = _number(parts[1]) if len(parts) == 2 else None
            if value is None:
                raise forms.ValidationError(gettext("第%(line)s行应写成：名称；概率。") % {"line": place})
            found.append((parts[0], value))
        return found

    def clean_layers(self) -> list[tuple[str, str, Decimal | None, tuple[str, ...]]]:
        found = []
        words = {told(one.typical.name): code for code, one in self.layers.items()}
        words |= {code: code for code in self.layers}
        for place, line in enumerate(fields.lines(self.cleaned_data["layers"]), start=1):
            parts = [*_parts(line), "", "", ""][:4]
            kind = words.get(parts[1], "")
            value = _number(parts[2])
            if not parts[0] or (parts[1] and not kind) or (parts[2] and value is None):
                raise forms.ValidationError(
                    gettext("第%(line)s行应写成：名称；类别；失效概率；部件位号，类别用所列的词。") % {"line": place}
                )
            tags = tuple(one.strip() for one in parts[3].replace(",", "、").split("、") if one.strip())
            found.append((parts[0], kind, value, tags))
        return found


class TypicalForm(forms.Form):
    """A typical value of the district's own."""

    kind = fields.choice(_("类别"), [("event", _("初始事件（次/年）")), ("layer", _("独立保护层（失效概率）"))])
    code = fields.words(_("代码"), limit=20, help_text=_("与已有代码相同的，从起用日起取代它。"))
    name = fields.words(_("名称"), limit=100)
    low = forms.DecimalField(label=_("下限"), max_digits=16, decimal_places=10)
    high = forms.DecimalField(label=_("上限"), max_digits=16, decimal_places=10)
    source = fields.words(_("依据"))
    mark = fields.choice(_("可信程度"), [("V", _("已核实")), ("G", _("通用知识")), ("D", _("本区默认"))])
    from_date = fields.day(_("起用日期"))


class ReactionForm(forms.Form):
    """A reaction with its four temperatures; the grade is not asked for."""

    def __init__(self, *args: Any, file: Enterprise, processes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = fields.words(_("反应名称"))
        self.fields["facility"] = forms.ModelChoiceField(
            label=_("登记设施"), queryset=queries.facilities_of(file), required=False
        )
        self.fields["process"] = fields.choice(_("重点监管工艺"), processes, required=False)
        for code, name in TEMPERATURES.items():
            self.fields[code] = forms.DecimalField(
                label=f"{told(name)}（℃）", required=False, max_digits=6, decimal_places=1
            )
        self.fields["assessed_by"] = fields.words(_("评估单位"), required=False)
        self.fields["assessed_date"] = fields.day(_("评估日期"), required=False)
        self.fields["report_no"] = fields.words(_("评估报告编号"), required=False, limit=80)
        self.fields["papers"] = fields.FilesField(label=_("评估报告"), required=False)

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in REACTION_FIELDS}


class ControlForm(forms.Form):
    """Whether one demanded control is carried out."""

    def __init__(self, *args: Any, controls: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = fields.choice(_("管控措施"), controls)
        self.fields["is_done"] = fields.choice(_("是否落实"), [("yes", _("已落实")), ("no", _("未落实"))])
        self.fields["text"] = fields.text(_("落实情况，或未落实的原因和计划"), rows=3, limit=500)
        self.fields["papers"] = fields.FilesField(label=_("佐证材料"), required=False)


class NeededFilesForm(forms.Form):
    """How a clearing was reached, with files."""

    text = fields.text(_("清零情况"), limit=2000)
    evidence = fields.FilesField(label=_("佐证材料"))


class VerifyForm(forms.Form):
    """What was found on site."""

    day = fields.day(_("现场核查日期"))
    text = fields.text(_("核查情况"), limit=2000)
    evidence = fields.FilesField(label=_("现场照片、记录"), required=False)


class BeginClearingsForm(forms.Form):
    """Which clearings are begun, until when."""

    kinds = forms.MultipleChoiceField(
        label=_("清零事项"), choices=ClearingKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("本单位牵头监管的精细化工企业，还没有启动的各启动一项。"),
    )  # fmt: skip
    due = fields.day(_("清零期限"))


def _valued(one: Value) -> str:
    low, high = (power(float(value)) for value in (one.typical.low, one.typical.high))
    return f"{told(one.typical.name)} {low if low == high else f'{low}–{high}'}"


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.replace(";", "；").split("；")]


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def layers_as_text(layers: Sequence[Any]) -> str:
    """Layers as the form shows them."""
    return "\n".join(f"{one['name']}；{one['kind']}；{one['pfd']}；{'、'.join(one['parts'])}" for one in layers)


def conditions_as_text(conditions: Sequence[Any]) -> str:
    """Conditions as the form shows them."""
    return "\n".join(f"{one['name']}；{one['probability']}" for one in conditions)

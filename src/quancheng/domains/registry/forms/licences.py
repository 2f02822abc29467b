"""What people type about licences, exits, posts and safety expenses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField, fields_of
from quancheng.domains.registry.models import ExpenseUse, Licence, LicenceItem, PostHolder
from quancheng.domains.registry.models.licences import Decision
from quancheng.domains.registry.quantities import tonnes
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.domains.registry.queries.derived import TOLD
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.queries.licences import kinds
from quancheng.domains.registry.queries.posts import posts
from quancheng.domains.registry.services.licences import FIELDS, MOST_DAYS, ScopeItem
from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages import fields
from quancheng.standards.enterprise_classes import FACTS
from quancheng.standards.licences import WAYS_OF_TRADE
from quancheng.standards.safety_expense import INDUSTRIES, USES
from quancheng.standards.wording import Text

_LINE = re.compile(r"^(?P<name>.*?)[\s,，;；|]+(?P<quantity>\d[\d.,，]*\s*[^\d\s]\S*)$")


def named(texts: Mapping[str, Text]) -> list[tuple[str, str]]:
    """Codes of a standard with their names in the reader's language."""
    language = translation.get_language() or "zh"
    return [(code, text.in_language(language)) for code, text in texts.items()]


def _kinds() -> list[tuple[str, str]]:
    return named({code: kind.name for code, kind in kinds().items()})


def _ways() -> list[tuple[str, str]]:
    return [("", "—"), *named(WAYS_OF_TRADE)]


class _Printed(forms.Form):
    """What stands on a licence: its fields, the chemicals of its scope, the scan."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["items"] = [item for line in given.get("items") or [] if (item := self._item(line)) is not None]
        return given

    def _item(self, line: str) -> ScopeItem | None:
        whole = find_chemical(line)
        if whole is not None:
            return ScopeItem(whole)
        shape = _LINE.match(line)
        chemical = find_chemical(shape["name"]) if shape else None
        if shape is None or chemical is None:
            name = shape["name"] if shape else line
            sentence = gettext("化学品目录中没有（或不止一个）“%(text)s”，请写CAS号或全称。") % {"text": name}
            self.add_error("items", sentence)
            return None
        try:
            return ScopeItem(chemical, tonnes(shape["quantity"], density=chemical.density, field="items"))
        except DomainError as refused:
            self.add_error("items", f"{shape['name']}：{refused.fields['items']}")
            return None


_ITEMS = ListField(
    label=_("许可品种"),
    help_text=_("每行一个：化学品名称或CAS号，空格后写许可量和单位，例如 氯 5 t；没有数量的只写名称。"),
)
_SCOPE = forms.CharField(
    label=_("许可范围"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
    help_text=_("照证照原文填写。"),
)  # fmt: skip
_WAY = forms.ChoiceField(label=_("经营方式"), choices=_ways, required=False)
_SCAN = fields.FilesField(label=_("证照扫描件"), required=False)
_PRINTED = {**fields_of(Licence, FIELDS, scope=_SCOPE, way_of_trade=_WAY), "items": _ITEMS, "evidence": _SCAN}

LicenceForm = type(
    "LicenceForm", (_Printed,),
    {"kind": forms.ChoiceField(label=_("证照种类"), choices=_kinds), **_PRINTED, "__doc__": "A licence as printed."},
)  # fmt: skip
LicenceChangeForm = type("LicenceChangeForm", (_Printed,), {**_PRINTED, "__doc__": "A licence corrected."})


def known_of(row: Licence, items: Sequence[LicenceItem]) -> dict[str, Any]:
    """A licence as its form shows it."""
    lines = [
        one.chemical.name if one.permitted_t is None else f"{one.chemical.name} {one.permitted_t.normalize():f} t"
        for one in items
    ]
    return {**{name: getattr(row, name) for name in FIELDS}, "items": lines}


class DecideForm(forms.Form):
    decision = fields.choice(_("处理决定"), [*Decision.choices, ("lift", _("恢复（解除暂扣）"))])
    decided_date = fields.day(_("决定日期"))
    reason = fields.text(_("依据和理由"), rows=3, limit=500)


class RuleForm(forms.Form):
    warn_days = fields.words(_("提前提醒天数"), limit=80, help_text=_("用空格或逗号分开，例如 120 90 60 30 7。"))
    renewal_days = forms.IntegerField(label=_("应提前申请延续天数"), min_value=1, max_value=MOST_DAYS)
    exits = forms.BooleanField(label=_("过期后启动退出程序"), required=False)

    def clean_warn_days(self) -> list[int]:
        parts = re.split(r"[\s,，、]+", self.cleaned_data["warn_days"].strip())
        if not all(part.isdecimal() and part.isascii() for part in parts):
            raise forms.ValidationError(gettext("提前提醒天数应为 1 至 366 的整数。"))
        return [int(part) for part in parts]


class ApplyForm(forms.Form):
    text = fields.text(_("申请情况"), rows=3, help_text=_("何时向哪个机关提出，受理编号。"))


class OpenExitForm(forms.Form):
    reason = fields.text(_("不符合安全生产条件的情形"), rows=4, help_text=_("写明事实和依据，企业会看到。"))
    evidence = fields.FilesField(label=_("材料"), required=False)


class ExitStepForm(forms.Form):
    text = fields.text(_("办理情况"), rows=3, help_text=_("文书编号、内容和现场情况。"))
    evidence = fields.FilesField(label=_("文书、现场照片"), required=False)


def facts_form(known: Mapping[str, bool], data: Any = None) -> forms.Form:
    """Yes, no or not told, for each fact that nothing else shows."""
    language = translation.get_language() or "zh"
    choices = [("", gettext("未填写")), ("yes", gettext("是")), ("no", gettext("否"))]
    asked = {
        fact: forms.ChoiceField(label=FACTS[fact].in_language(language), choices=choices, required=False)
        for fact in TOLD
    }
    initial = {fact: "yes" if holds else "no" for fact, holds in known.items()}
    made: forms.Form = type("FactsForm", (forms.Form,), asked)(data, initial=initial)
    return made


# Posts -----------------------------------------------------------------------------------------------------------


def _posts() -> list[tuple[str, str]]:
    return named({code: post.name for code, post in posts().items()})


HolderForm = type(
    "HolderForm", (forms.Form,),
    {
        **fields_of(
            PostHolder, ["post", "name", "certificate_no", "valid_to", "since_date"],
            post=forms.ChoiceField(label=pgettext_lazy("post", "岗位"), choices=_posts),
        ),
        "__doc__": "Somebody who holds a post.",
    },
)  # fmt: skip


class LeavePostForm(forms.Form):
    holder = forms.ChoiceField(label=_("人员"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, holders: Sequence[PostHolder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(_posts())
        self.fields["holder"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{names.get(one.post, one.post)} {one.name}") for one in holders
        ]


# Safety expenses -------------------------------------------------------------------------------------------------


def _industries() -> list[tuple[str, str]]:
    return named(INDUSTRIES)


def _uses() -> list[tuple[str, str]]:
    return named(USES)


def _money(label: Any, **given: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, min_value=0, **given)


class ExpenseChangeForm(forms.Form):
    industry = forms.ChoiceField(label=_("适用行业"), choices=_industries)
    revenue = _money(_("上年度营业收入（元）"))
    drawn = _money(_("本年度已提取（元）"), help_text=_("累计提取额。"))


class ExpenseForm(ExpenseChangeForm):
    year = forms.IntegerField(label=_("年度"), min_value=2012, max_value=2100)
    field_order = ("year", "industry", "revenue", "drawn")


class UseForm(forms.Form):
    category = forms.ChoiceField(label=_("使用类别"), choices=_uses)
    amount = _money(_("金额（元）"))
    paid_date = fields.day(_("支出日期"))
    text = fields.words(_("用途说明"))


class VoidForm(forms.Form):
    use = forms.ChoiceField(label=_("使用记录"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, uses: Sequence[ExpenseUse], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.paid_date} {one.note} {shown(one.amount)}") for one in uses if one.void_at is None
        ]

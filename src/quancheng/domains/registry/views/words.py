"""Words and small forms that the pages of the registry share."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import (
    Enterprise,
    EnvironmentRecord,
    Facility,
    Holding,
    Licence,
    Product,
    SafetyExpense,
    Unit,
)
from quancheng.domains.registry.models.licences import LicenceState
from quancheng.domains.registry.queries.enterprises import changes_of, grade_word, shown
from quancheng.domains.registry.queries.licences import kinds
from quancheng.domains.registry.queries.posts import posts
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import HistoryLine
from quancheng.kernel.pages.times import date_text, time_text
from quancheng.kernel.pages.words import grouped, listed, told
from quancheng.kernel.people.models import LINKS
from quancheng.standards.licences import WAYS_OF_TRADE
from quancheng.standards.lists import key_processes, regulated_lists

#: What the journal's acts on a file are called.
_ACTS: dict[str, Text] = {
    "registry.enterprise.enter": gettext_lazy("建立档案"),
    "registry.enterprise.change": gettext_lazy("修改档案"),
    "registry.enterprise.verify": gettext_lazy("核验档案"),
    "registry.contact.name": gettext_lazy("登记责任人员"),
    "registry.contact.leave": gettext_lazy("人员离任"),
    "registry.lease.enter": gettext_lazy("登记租赁"),
    "registry.licence.enter": gettext_lazy("登记证照"),
    "registry.licence.change": gettext_lazy("更正证照"),
    "registry.licence.verify": gettext_lazy("核验证照"),
    "registry.licence.decide": gettext_lazy("处理证照"),
    "registry.exit.open": gettext_lazy("启动退出程序"),
    "registry.facts.tell": gettext_lazy("填报判定情况"),
    "registry.post.name": gettext_lazy("登记岗位人员"),
    "registry.post.leave": gettext_lazy("岗位人员离任"),
    "registry.expense.enter": gettext_lazy("填报安全费用"),
    "registry.expense.change": gettext_lazy("更正安全费用"),
    "registry.expense.use": gettext_lazy("登记安全费用支出"),
    "registry.expense.void": gettext_lazy("作废安全费用支出"),
    "registry.unit.enter": gettext_lazy("增加单元"),
    "registry.unit.change": gettext_lazy("修改单元"),
    "registry.facility.enter": gettext_lazy("增加设施"),
    "registry.facility.change": gettext_lazy("修改设施"),
    "registry.facility.decommission": gettext_lazy("设施退役"),
    "registry.stock.hold": gettext_lazy("登记存量"),
    "registry.stock.change": gettext_lazy("修改许可量、设计量"),
    "registry.stock.move": gettext_lazy("登记出入库、盘点"),
    "registry.stock.end": gettext_lazy("停止储存"),
    "registry.regrade": gettext_lazy("按更正后的数据重新辨识"),
    "registry.unit.withdraw": gettext_lazy("撤销登记单元"),
    "registry.facility.withdraw": gettext_lazy("撤销登记设施"),
    "registry.product.enter": gettext_lazy("增加产品"),
    "registry.product.change": gettext_lazy("修改产品"),
    "registry.product.end": gettext_lazy("产品停产停售"),
    "registry.product.withdraw": gettext_lazy("撤销登记产品"),
    "registry.sheet.issue": gettext_lazy("发布安全技术说明书"),
    "registry.enterprise.export": gettext_lazy("导出整份档案"),
    "registry.code.look": gettext_lazy("扫码查看"),
    "registry.pass.open": gettext_lazy("发出临时查看码"),
    "registry.pass.close": gettext_lazy("收回临时查看码"),
    "registry.pass.fail": gettext_lazy("临时查看码核对不符"),
    "registry.code.extend": gettext_lazy("增加扩展码"),
    "registry.quality.record": gettext_lazy("登记质量检验"),
    "registry.quality.void": gettext_lazy("作废质量检验记录"),
    "registry.environment.enter": gettext_lazy("登记环境风险评估"),
    "registry.environment.change": gettext_lazy("修改环境风险评估"),
    "registry.environment.verify": gettext_lazy("核验环境风险评估"),
    "registry.environment.remove": gettext_lazy("撤销登记环境风险评估"),
    "registry.waste.arrange": gettext_lazy("登记废弃处置安排"),
    "registry.waste.end": gettext_lazy("停止废弃处置安排"),
    "registry.place.set": gettext_lazy("登记储存场所的证照和共用单位"),
    "registry.workshop.limit": gettext_lazy("登记车间暂存限量"),
    "registry.place.paper": gettext_lazy("登记储存场所资料"),
    "registry.place.merge": gettext_lazy("归并储存场所"),
    "registry.place.resume": gettext_lazy("恢复储存场所"),
    "registry.check.record": gettext_lazy("登记检查"),
    "registry.laboratory.enter": gettext_lazy("登记实验室"),
    "registry.laboratory.change": gettext_lazy("修改实验室"),
    "registry.fuel.enter": gettext_lazy("登记醇基燃料供应"),
    "registry.fuel.end": gettext_lazy("停用醇基燃料供应"),
    "registry.enterprise.merge": gettext_lazy("并入重复档案"),
    "registry.enterprise.retire": gettext_lazy("档案并入另一份"),
    "registry.enterprise.unmerge": gettext_lazy("撤销档案合并"),
    "registry.census.visit": gettext_lazy("摸底走访"),
    "registry.census.gone": gettext_lazy("摸底确认已不在"),
    "registry.clue.file": gettext_lazy("由线索建立档案"),
    "registry.code.withdraw": gettext_lazy("作废安全信息码"),
}


def act(code: str) -> str:
    """An act of the journal in words; its code where nobody gave it any."""
    return str(_ACTS.get(code, code))


def what(facts: Mapping[str, Any]) -> str:
    """What an act changed, as ``field: old → new``; empty where it says nothing of the kind."""
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        told = [f"{_label(name)}：{_value(before.get(name))} → {_value(value)}" for name, value in after.items()]
        return "；".join(told)
    for name in ("chemical", "record", "remark", "landlord", "name"):
        if facts.get(name):
            return str(facts[name])
    if facts.get("kind") and facts.get("quantity_t") is not None:
        return _("数量 %(quantity)s 吨，结存 %(balance)s 吨") % {
            "quantity": _tonnes(facts["quantity_t"]), "balance": _tonnes(facts.get("balance_t"))
        }  # fmt: skip
    return ""


def _label(name: str) -> str:
    for model in (Enterprise, Unit, Facility, Holding, Licence, SafetyExpense, Product, EnvironmentRecord):
        for column in model._meta.concrete_fields:
            if column.name == name:
                return str(column.verbose_name)
    return name


def _tonnes(value: Any) -> str:
    """A quantity as the journal keeps it, without trailing zeros."""
    return "—" if value is None else shown(Decimal(str(value)))


def _value(value: Any) -> str:
    if value in (None, "", []):
        return "—"
    return listed(str(one) for one in value) if isinstance(value, list) else str(value)


def hazard(grade: int | None) -> str:
    """``二级重大危险源`` for 2; empty for none."""
    return "" if grade is None else _("%(grade)s重大危险源") % {"grade": grade_word(grade)}


def classes(codes: Sequence[str]) -> str:
    """Classes of enterprises in words."""
    known = dict(Kind.choices)
    return listed(str(known[code]) for code in codes if code in known)


def links(codes: Sequence[str]) -> str:
    """Links of the chain in words, in their order."""
    return listed(str(label) for code, label in LINKS if code in codes)


def day(value: datetime | None) -> str:
    return "" if value is None else date_text(value)


def point(lon: Decimal | None, lat: Decimal | None) -> str:
    return "" if lon is None or lat is None else f"{lon:.6f}, {lat:.6f}"


def people(file: Enterprise) -> str:
    """The exposed population with its source and day."""
    if file.exposed_population is None:
        return ""
    told = [_("%(count)s 人") % {"count": grouped(file.exposed_population)}, file.exposed_source]
    if file.exposed_date:
        told.append(date_text(file.exposed_date))
    return listed(one for one in told if one)


def in_language(text: Mapping[str, Any] | None) -> Any:
    """What a standard said, in the reader's language."""
    language = (translation.get_language() or "zh")[:2]
    return "" if text is None else text["en" if language == "en" else "zh"]


def changes(file: Enterprise, about: tuple[str, uuid.UUID]) -> list[HistoryLine]:
    """Who did what about a row of a file that has no loop: from the journal, as it names the row."""
    return [
        HistoryLine(at=one.at, who=one.who, what=act(one.act), note=what(one.facts))
        for one in changes_of(file, about=about)
    ]


def versioned(
    form: type[forms.Form], data: Any, known: Mapping[str, Any], version: int, **given: Any
) -> forms.Form:
    """A form that carries the version of the row that was read, so that who saves over a newer one is told."""
    carries = type(form.__name__, (form,), {"version": forms.IntegerField(widget=forms.HiddenInput)})
    made: forms.Form = carries(data, initial={**known, "version": version}, **given)
    return made


def graded(grade: int | None, s: Decimal | None, r: Decimal | None) -> str:
    """``二级重大危险源，S = 12.5，R = 50``; what S is below 1, and nothing where nothing was calculated."""
    if s is None:
        return ""
    if grade is None:
        return _("未构成重大危险源，S = %(s)s") % {"s": shown(s)}
    return _("%(grade)s，S = %(s)s，R = %(r)s") % {"grade": hazard(grade), "s": shown(s), "r": shown(r)}


def certificate(number: str, until: date | None) -> str:
    """A certificate with its last day."""
    told = [number] if number else []
    if until is not None:
        told.append(_("有效期至 %(day)s") % {"day": date_text(until)})
    return "，".join(told)


def transport(un_no: str, transport_class: str, packing_group: str) -> str:
    """``UN 1230，3，PG II``, as far as known."""
    told = [f"UN {un_no}" if un_no else "", transport_class, f"PG {packing_group}" if packing_group else ""]
    return listed(one for one in told if one)


def restrictions(codes: Sequence[str]) -> str:
    """Why the public gets no more than the label."""
    language = translation.get_language() or "zh"
    known = regulated_lists()
    return listed(
        known[code].name.in_language(language) if code in known else _("成分不明") for code in codes
    )  # fmt: skip


def processes(codes: Sequence[str]) -> str:
    """Key regulated processes by name."""
    language = translation.get_language() or "zh"
    known = key_processes()
    if list(codes) == ["none"]:
        return _("不涉及重点监管工艺")
    return listed(f"{code} {known[code].name.in_language(language)}" for code in codes if code in known)


def stamp(at: datetime | None, who: str) -> str:
    return "" if at is None else f"{time_text(at)} {who}"


def span(low: Decimal | None, high: Decimal | None) -> str:
    return "" if low is None and high is None else f"{shown(low) or '…'} – {shown(high) or '…'}"


def licence_kind(code: str) -> str:
    """A kind of licence by name; its code where the standard has it no more."""
    kind = kinds().get(code)
    return code if kind is None else told(kind.name)


def licence_kinds() -> list[tuple[str, str]]:
    """All kinds of licences: code and name."""
    return [(code, licence_kind(code)) for code in kinds()]


def licence_state(state: str) -> str:
    """Where a licence stands; ``missing`` for one that is needed and not there."""
    return _("未登记") if state == "missing" else str(LicenceState(state).label)


def licence_mark(state: str) -> SafeString:
    """The same as a mark: what gives no right wants attention."""
    tone = {"valid": "done", "due": "active", "replaced": "quiet", "cancelled": "quiet"}.get(state, "plain")
    return marks.badge(licence_state(state), tone)


def endless() -> str:
    return _("长期")


def days_left(day: date | None) -> int | None:
    """Days until a day, negative after it."""
    return None if day is None else (day - timezone.localdate()).days


def way_of_trade(code: str) -> str:
    found = WAYS_OF_TRADE.get(code)
    return "" if found is None else told(found)


def post_name(code: str) -> str:
    """A post by name."""
    post = posts().get(code)
    return code if post is None else told(post.name)


def money(value: Decimal | None) -> str:
    """Yuan grouped by thousands, with cents."""
    return "" if value is None else grouped(value, places=2)


def mark(code: str) -> str:
    """How sure a datum is."""
    known = {
        "V": _("已核对原文"), "V~": _("已核对相近文本"), "G": _("一般知识，执法使用前须核对"),
        "D": _("本平台默认值，可修改"),
    }  # fmt: skip
    return known.get(code, code)


def link_to(file: Enterprise) -> Any:
    """The enterprise's name as a link to its file."""
    return format_html(
        '<a href="{}">{}</a>', reverse("registry:enterprise", args=[file.pk]), file.enterprise.name  # type: ignore[union-attr]
    )  # fmt: skip

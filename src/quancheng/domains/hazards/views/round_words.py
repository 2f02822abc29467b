"""Words, marks and addresses that pages of inspection rounds share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import InspectionRound, RoundSection, RoundTarget, VerifyMode
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.criteria import name_in_language
from quancheng.domains.hazards.views.words import coded
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.queries.completeness import town_names
from quancheng.domains.registry.views.words import in_language
from quancheng.domains.risk.kinds import Level
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import LINKS


def round_link(row: InspectionRound) -> Any:
    """A round by code and name, leading to its page."""
    return format_html('<a href="{}">{}</a>', reverse("hazards:round", args=[row.pk]), row)


def target_link(row: RoundTarget) -> Any:
    """A unit's part by its name, leading to its page."""
    address = reverse("hazards:round_target", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, queries.name_of(row.file))


def late_mark(row: RoundTarget) -> Any:
    """Whether it is or was late."""
    return marks.badge(_("超期"), "active") if queries.is_late(row, timezone.now()) else ""


def result(row: RoundTarget) -> str:
    """The result in words of the exchange spec; empty while it is open."""
    return coded("inspect_result", row.inspect_result)


def asked(row: InspectionRound) -> str:
    """By what units were chosen, in one sentence."""
    given, parts = queries.Asked.of(row.asked), []
    levels, kinds, links = dict(Level.choices), dict(Kind.choices), dict(LINKS)
    if given.colours:
        parts.append(_("风险等级：%(levels)s") % {"levels": listed(str(levels[one]) for one in given.colours)})
    if given.kinds:
        parts.append(_("类别：%(kinds)s") % {"kinds": listed(str(kinds[one]) for one in given.kinds)})
    if given.town:
        parts.append(_("镇街：%(town)s") % {"town": town_names().get(given.town, given.town)})
    if given.major:
        word = _("有重大危险源") if given.major == "any" else _("%(grade)s级及以上") % {"grade": given.major}
        parts.append(_("重大危险源：%(word)s") % {"word": word})
    if given.sub_field:
        parts.append(_("高危细分领域：%(name)s") % {"name": given.sub_field})
    if given.links:
        parts.append(_("链条环节：%(links)s") % {"links": listed(str(links[one]) for one in given.links)})
    return _("；").join(parts) or _("本单位监管的全部企业")


def rhythm(row: InspectionRound) -> str:
    """Once, or how often."""
    if row.frequency != "cyclic":
        return coded("frequency", row.frequency)
    return _("每%(number)s%(unit)s一次") % {"number": row.cycle_number, "unit": coded("cycle", row.cycle)}


def section(row: RoundSection) -> str:
    """A mandatory section of a unit's part: its name and edition, and why the unit is asked."""
    why = _("；").join(in_language(one) for one in row.because)
    return _("%(name)s（%(edition)s）：%(why)s") % {
        "name": name_in_language(row.edition.text), "edition": row.edition.number, "why": why
    }  # fmt: skip


def numbers(row: InspectionRound, found: Mapping[str, Any]) -> Sequence[tuple[str, Any, str]]:
    """Label, figure and address of the rows that each figure counts."""
    parts = f"{reverse('hazards:round_targets')}?round={row.pk}"
    items = f"{reverse('hazards:round_answers')}?round={row.pk}"
    looks = f"{reverse('hazards:round_checks')}?round={row.pk}"
    return [
        (_("下发单位"), found["units"], parts),
        (_("已签收"), found["received"], f"{parts}&received=1"),
        (_("已填报"), found["answered"], f"{parts}&status=ANSWERED"),
        (_("填报率"), _share(found["answered_rate"]), f"{parts}&status=ANSWERED"),
        (_("超期"), found["late"], f"{parts}&late=1"),
        (_("逾期未填报"), found["lapsed"], f"{parts}&status=LAPSED"),
        (_("无需填报"), found["freed"], f"{parts}&status=ENDED"),
        (_("有异常的单位"), found["abnormal_units"], f"{parts}&abnormal=1"),
        (_("有特殊作业必检部分的单位"), found.get("section_units", 0), f"{parts}&section=1"),
        (_("特殊作业必检项次"), found.get("section_items", 0), f"{items}&section=1"),
        (_("特殊作业必检异常项"), found.get("section_abnormal", 0), f"{items}&section=1&result=1"),
        (_("检查项次"), found["items"], items),
        (_("正常项"), found["normal"], f"{items}&result=0"),
        (_("异常项"), found["abnormal"], f"{items}&result=1"),
        (_("不适用项"), found["not_applicable"], f"{items}&result=2"),
        (_("正常率"), _share(found["normal_rate"]), f"{items}&result=0"),
        (_("新登记隐患"), found["dangers"], f"{items}&danger=new"),
        (_("关联已有隐患"), found["known"], f"{items}&danger=known"),
        (_("已销号隐患"), found["closed_dangers"], f"{items}&danger=closed"),
        (_("抽中单位"), found["drawn"], looks),
        (_("已现场核查"), found["looked"], f"{looks}&done=1"),
        (_("核查相符"), found["matched"], f"{looks}&status=MATCHED"),
        (_("核查不符"), found["differed"], f"{looks}&status=DIFFERED"),
        (_("不再核查"), found.get("dropped", 0), f"{looks}&status=ENDED"),
        (_("相符率"), _share(found["matched_rate"]), f"{looks}&status=MATCHED"),
        (_("核查发现隐患"), found["seen_dangers"],
         f"{items}&danger=seen" if row.verify_mode == VerifyMode.ITEM else f"{looks}&status=DIFFERED"),
    ]


def _share(rate: int | None) -> str:
    return "—" if rate is None else f"{rate}%"

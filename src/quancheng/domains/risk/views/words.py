"""How risks are shown: colours with their words, acts, links."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.views.words import in_language
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.words import grouped, told
from quancheng.standards.risk import commitment
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.rows import accident_types
from quancheng.standards.risk.verdict import SCHEMES

#: Colours of the four levels as the marks name them; never green for low.
COLOUR_OF = {int(one): one.name.lower() for one in Colour}
ACTS = {
    "risk.object.end": gettext_lazy("撤销风险分析对象"),
    "risk.unit.end": gettext_lazy("撤销风险分析单元"),
    "risk.event.end": gettext_lazy("撤销风险事件"),
    "risk.event.assess": gettext_lazy("评估风险"),
    "hazards.major": gettext_lazy("重大隐患"),
    "risk.measure.failed": gettext_lazy("管控措施失效"),
    "risk.measure.verified": gettext_lazy("管控措施恢复"),
    "risk.grading.publish": gettext_lazy("公布企业分级"),
    "risk.grading.expire": gettext_lazy("企业分级到期"),
    "risk.grading.look": gettext_lazy("核对强制定级情形"),
}


def colour(level: int | None) -> Any:
    """The mark of a level: square and word; nothing where nobody assessed it."""
    return "" if level is None else marks.risk(COLOUR_OF[level])


def raised(row: Any) -> Any:
    """Present level, with a badge where a failed measure raised it above the static one."""
    if row.present_level is None:
        return format_html('<span class="qc-muted">{}</span>', _("未评估"))
    if row.present_level == row.static_level:
        return colour(row.present_level)
    return format_html("{} {}", colour(row.present_level), marks.badge(_("已升高"), "active"))


def scheme(code: str) -> str:
    """A way of grading, in the reader's language."""
    found = SCHEMES.get(code)
    return code if found is None else told(found)


def graded(row: Any) -> Any:
    """The colour of an enterprise that :func:`queries.gradings.list_graded` annotated; says where it is forced."""
    if row.level is None:
        return format_html('<span class="qc-muted">{}</span>', _("未分级"))
    if row.level == row.graded_level:
        return colour(row.level)
    return format_html("{} {}", colour(row.level), marks.badge(_("强制定级"), "active"))


def act(code: str) -> str:
    """What caused a change of colour."""
    return str(ACTS.get(code, code))


def link_to(file: Enterprise) -> Any:
    """An enterprise, leading to its risks."""
    name = file.enterprise.name  # type: ignore[union-attr]
    return format_html('<a href="{}">{}</a>', reverse("risk:file", args=[file.pk]), name)


def link(name: str, row: Any) -> Any:
    return format_html('<a href="{}">{}</a>', reverse(f"risk:{name}", args=[row.pk]), row)


def accident(code: str) -> str:
    """A type of accident after GB 6441, in the reader's language."""
    found = accident_types().get(code)
    return "" if found is None else told(found.name)


def accidents() -> list[tuple[str, str]]:
    return [("", "—"), *((code, accident(code)) for code in accident_types())]


def steps(rows: Any) -> list[dict[str, Any]]:
    """Lines of an explanation that were kept in both languages, in the reader's."""
    return [{**one, "text": in_language(one)} for one in rows]


def reasons(rows: Any) -> list[str]:
    """Reasons kept in both languages, in the reader's."""
    return [in_language(one) for one in rows]


def answer(line: Any) -> str:
    """The answer to a question of a grading, in words."""
    return _value(line.question, line.value)


def before(line: Any) -> str:
    """What the office found answered before it changed it."""
    return _value(line.question, line.said.get("before"))


def _value(question: Any, value: str | None) -> str:
    if value is None:
        return _("未回答")
    if question.kind == "yes":
        return _("是") if value == "1" else _("否")
    if question.kind == "choice":
        return next((told(one.name) for one in question.choices if one.code == value), _("无"))
    return value


def controlled(value: bool) -> Any:
    """Whether risks are under control, as a badge."""
    return marks.badge(_("风险受控"), "done") if value else marks.badge(_("有风险未受控"), "active")


def number_value(number: commitment.Number, value: int | None) -> Any:
    """One number of an announcement as people read it."""
    if value is None:
        return "—"
    if number.kind == "yes":
        return _("有") if value else _("无")
    return colour(value) if number.kind == "level" else grouped(value)


def number_lines(lines: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """The numbers of an edition by group: what was announced, what the system knew, why they differ."""
    found = []
    for group, name in commitment.GROUPS.items():
        rows = []
        for one in commitment.NUMBERS:
            if one.group == group and one.code in lines:
                line = lines[one.code]
                source = in_language(line["source"]) if line["source"] else ""
                rows.append({
                    "name": told(one.name), "value": number_value(one, line["value"]),
                    "proposed": number_value(one, line["proposed"]), "source": source, "rows": line["rows"],
                    "reason": line["reason"], "differs": line["proposed"] not in (None, line["value"]),
                })  # fmt: skip
        found.append((told(name), rows))
    return found


def proposed_lines(facts: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the system proposes, in the form of :func:`number_lines`."""
    lines = {}
    for one in commitment.NUMBERS:
        fact = facts.get(one.code)
        lines[one.code] = {
            "value": None, "proposed": None if fact is None else fact.value,
            "source": None if fact is None else {"zh": fact.source.zh, "en": fact.source.en},
            "rows": [] if fact is None else fact.rows, "reason": "",
        }  # fmt: skip
    return number_lines(lines)


def doubt_reason(code: str) -> str:
    """Why an announcement is doubted."""
    return told(commitment.REASONS[code].name)


def topics(answers: Any) -> list[tuple[str, str]]:
    """What a team or workshop answered by topic."""
    words = {"ok": _("已研判，风险受控"), "not": _("有风险未受控"), "none": _("本部位不涉及")}
    return [(told(name), words.get(answers.get(code, ""), "—")) for code, name in commitment.TOPICS.items()]

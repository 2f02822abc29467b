"""Further parts of the loop on the page of a danger: handing over, review reports, running again, grid patrols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries.expiry_reviews import expiry_reviews_of
from quancheng.domains.hazards.queries.hand_overs import hand_overs_of
from quancheng.domains.hazards.queries.resumptions import reports_on, resumptions_of, standing_report
from quancheng.domains.hazards.services import hand_overs, resumptions, review_reports
from quancheng.domains.hazards.views import patrol_clues
from quancheng.domains.hazards.views.words import coded
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.pages.objects import Action, Fact, Tab
from quancheng.kernel.pages.times import time_text


def stop_facts(row: Finding) -> list[Fact]:
    """How far work stopped, and since when it may go on."""
    if row.stop == "none":
        return []
    since = _("停产中，未恢复") if row.is_stopped else ""
    if row.resumed_at is not None:
        since = _("%(time)s恢复") % {"time": time_text(row.resumed_at)}
    said = coded("stop", row.stop)
    return [Fact(label=_("停产范围"), value=f"{said} · {since}" if since else said)]


def design_facts(row: Finding) -> list[Fact]:
    """The design diagnosis that found it."""
    if row.diagnosis is None:
        return []
    address = reverse("hazards:design_diagnosis", args=[row.diagnosis.pk])
    value = format_html('<a href="{}">{} {}</a>', address, row.diagnosis.year, row.diagnosis)
    return [Fact(label=_("设计诊断"), value=value)]


def report_facts(row: Finding) -> list[Fact]:
    """The report that the regulator needs before it cancels; a gap that says who fills it while there is none."""
    if row.status != "CANCELLING" or not row.needs_review_report:
        return []
    known = standing_report(row)
    said = f"{known.get_maker_kind_display()} {known.maker} · {known.get_verdict_display()}" if known else ""
    why = _("没有审查报告，或结论为隐患未消除的，不能销号。")
    return [Fact(label=_("审查报告"), value=said, filled_by=_("企业"), help=why)]


def loop_facts(row: Finding, actor: Actor) -> list[Fact]:
    """What it came of, how far work stopped, and the report that is lacking."""
    return [*design_facts(row), *patrol_clues.finding_facts(row, actor), *stop_facts(row), *report_facts(row)]


def loop_tabs(row: Finding, actor: Actor, counts: Mapping[str, int]) -> list[Tab]:
    """Tabs of the further parts, those alone that this danger has, as :func:`.finding_tabs.tab_counts` counted them."""
    found: list[Tab] = []

    def offer(name: str, label: str, context: Callable[[], Mapping[str, Any]]) -> None:
        found.append(
            Tab(name=name, label=label, count=counts[name], template=f"hazards/_{name}.html", context=context)
        )

    if row.needs_review_report:
        offer("review_reports", _("审查报告"), lambda: _review_reports(row))
    if row.needs_resumption:
        offer("resumptions", _("复产申请"), lambda: {"resumptions": resumptions_of(row, actor=actor)})
    if row.is_major and counts["expiry_reviews"]:
        offer("expiry_reviews", _("期满现场审查"), lambda: {"expiry_reviews": expiry_reviews_of(row, actor=actor)})
    if counts["hand_overs"]:
        offer("hand_overs", _("移送"), lambda: {"hand_overs": hand_overs_of(row, actor=actor)})
    if counts["patrol_rechecks"] and patrol_clues.may_be_looked_at(row):
        offer("patrol_rechecks", _("网格复查"), lambda: patrol_clues.looks_at(row, actor))
    return found


def _review_reports(row: Finding) -> dict[str, Any]:
    standing = standing_report(row)
    return {
        "reports": reports_on(row), "files": list(files_of(row, role=review_reports.ROLE)),
        "standing": standing.pk if standing else None,
    }  # fmt: skip


def loop_actions(row: Finding, actor: Actor) -> Sequence[Action]:
    """What the supervisor and the enterprise may do of the further parts."""
    found: list[Action] = []
    own = actor.organisation_id == row.owner_org_id

    def offer(name: str, label: str, address: str) -> None:
        found.append(Action(name=name, label=label, url=reverse(f"hazards:{address}", args=[row.pk])))

    supervises = actor.organisation_id == row.supervisor_id and actor.has(hand_overs.SUPERVISE)
    if supervises and row.status != "DRAFT" and not row.is_closed:
        offer("hand_over", _("移送其他单位"), "hand_over_new")
    reports = row.needs_review_report and row.status in ("ACCEPTING", "CANCELLING")
    if own and reports and actor.has(review_reports.ACCEPT):
        offer("review_report", _("提交审查报告"), "review_report_new")
    if own and actor.has(resumptions.APPLY) and resumptions.may_apply(row):
        offer("resume", _("申请恢复生产"), "resumption_new")
    return [*found, *patrol_clues.finding_actions(row, actor)]

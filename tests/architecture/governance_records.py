"""Records of meetings, campaigns, problem lists and governance for the walk."""

from __future__ import annotations

from datetime import date

from tests.architecture.records import Record
from tests.domains.duty.factories import make_task
from tests.factories import NOW, District, make_file

from quancheng.domains.duty.models import Campaign, Meeting, Proposal
from quancheng.domains.duty.services import campaigns, governance, meetings, problems


def _minuted(district: District, mark: str) -> Meeting:
    """A meeting of the office with the first town, its minutes sent."""
    given = {"actor": district.director, "now": NOW}
    spec = meetings.MeetingSpec(title=mark, kind="joint", due_date=date(2030, 1, 1), orgs=[district.town_org])
    row = meetings.plan_meeting(**given, spec=spec)
    meetings.hold(**given, meeting=row, held_at=NOW, place="", chair="某甲")
    entries = {one.pk: ("present", "") for one in row.attendees.all()}
    meetings.record_attendance(**given, meeting=row, entries=entries)
    lead = {"leads": [district.town_org], "due_date": date(2030, 1, 1)}
    meetings.decide(**given, meeting=row, text="排查到位", **lead)
    meetings.write_minutes(**given, meeting=row, minutes=f"{mark}纪要")
    return meetings.circulate(**given, meeting=row)


def meeting(district: District) -> Record:
    """A meeting to which the first town was invited."""
    row = _minuted(district, "标记会议")
    return Record({"pk": row.pk, "decision_id": row.decisions.get().pk, "act": "close"}, "标记会议")


def meeting_receipt(district: District) -> Record:
    """The first town's receipt of the minutes of another meeting."""
    row = _minuted(district, "标记联席会").receipts.get()
    return Record({"pk": row.pk}, "标记联席会")


def meeting_series(district: District) -> Record:
    """A series of the office's meetings."""
    row = meetings.found_series(
        actor=district.director, title="标记例会", kind="joint", frequency="quarterly", themes=[],
        orgs=[district.town_org], now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记例会")


def problem(district: District) -> Record:
    """A problem found at the first enterprise, which it does not see yet."""
    spec = problems.ProblemSpec(
        title="标记问题", text="可燃气体报警器未接入。", unit=district.enterprise_org, source="联合检查",
        found_date=date(2026, 9, 1),
    )  # fmt: skip
    row = problems.report_problem(actor=district.director, spec=spec, now=NOW)
    return Record({"pk": row.pk, "section": "state_cause", "act": "enlist"}, "标记问题")


def _running(district: District, mark: str) -> Campaign:
    """A campaign of the office that covers the first town."""
    spec = campaigns.CampaignSpec(
        title=mark, leader="某甲", target="零事故", period_from=date(2026, 9, 1), period_to=date(2030, 1, 1),
        orgs=[district.town_org], items=["是否排查到位"],
    )  # fmt: skip
    row = campaigns.prepare_campaign(actor=district.director, spec=spec, now=NOW)
    return campaigns.start_campaign(actor=district.director, campaign=row, now=NOW)


def campaign(district: District) -> Record:
    """A campaign that covers the first town."""
    return Record({"pk": _running(district, "标记行动").pk, "act": "cancel"}, "标记行动")


def campaign_unit(district: District) -> Record:
    """The first town's answers in another campaign."""
    return Record({"pk": _running(district, "标记整治").units.get().pk, "act": "accept"}, "标记整治")


def duty_list(district: District) -> Record:
    """The department's list of its tasks."""
    row = governance.file_duty_list(actor=district.department, year=2026, kind="tasks", entries=["标记清单"], now=NOW)
    return Record({"pk": row.pk}, "标记清单")


def support(district: District) -> Record:
    """Support of the office for the first enterprise."""
    row = governance.record_support(
        actor=district.director, org=district.enterprise_org, kind="service", title="标记支持", amount=None,
        given_date=date(2026, 9, 1), text="", now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记支持")


def study(district: District) -> Record:
    """A study session of the department."""
    row = governance.record_study(
        actor=district.department, topic="标记学习", held_date=date(2026, 9, 1), attendees="全体", material="文件",
        text="", evidence=[make_file(district.department)], now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记学习")


def rule(district: District) -> Record:
    """A rule of the office that grew out of a task of its own."""
    row = governance.record_rule(
        actor=district.director, title="标记制度", number="", text="内容", in_force_from=date(2026, 9, 1),
        task=make_task(district, leads=[(district.office_org, "区安委办")]), now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记制度")


def proposal(district: District) -> Record:
    """A proposal about the second town, which follows from a veto."""
    governance.veto(
        actor=district.director, org=district.other_town_org, event_date=date(2025, 5, 1), reason="事故", now=NOW
    )
    governance.propose(actor=district.director, year=2025, now=NOW)
    row = Proposal.objects.get(org=district.other_town_org, year=2025)
    Proposal.objects.filter(pk=row.pk).update(rule="标记建议")
    return Record({"pk": row.pk}, "标记建议")


def veto(district: District) -> Record:
    """A veto of the second town."""
    row = governance.veto(
        actor=district.director, org=district.other_town_org, event_date=date(2026, 5, 1), reason="标记否决", now=NOW
    )
    return Record({"pk": row.pk}, "标记否决")

"""Another office leads an enterprise: what is open there, and what is owed on it, goes on with that office."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.domains.risk.factories import fill_and_submit, make_grading, make_object
from tests.domains.risk.test_gradings import own_file
from tests.domains.risk.test_start_stops import plant, told
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org

from quancheng.domains.registry.models import Enterprise, LeadDepartment
from quancheng.domains.registry.services.enterprises import change_enterprise
from quancheng.domains.risk.models import Policy
from quancheng.domains.risk.services import gradings, policies, regrading, start_stops
from quancheng.domains.risk.services.following import follow_supervisors
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def handed(actor: Actor, file: Enterprise, lead: Actor) -> None:
    """The class of the enterprise changes to one that the other office leads; who hears of it has heard."""
    org = lead.organisation_id
    LeadDepartment.objects.update_or_create(kind="gas_filling", defaults={"org_id": org, "updated_at": NOW})
    file.refresh_from_db()
    change_enterprise(actor=actor, file=file, version=file.version, changes={"kind": "gas_filling"}, now=NOW)
    for one in Delivery.objects.filter(event__kind="registry.supervisor.changed", done_at__isnull=True):
        assert deliver(event_id=one.event_id, subscriber=one.subscriber, now=NOW)


def other_office(district: District) -> Actor:
    org = make_org("示例区商务局", area=district.area, links=("storage",), code="SCO")
    return make_actor(org, "department.officer")


def test_a_grading_a_plan_and_a_notice_go_to_the_office_that_leads_the_enterprise_now() -> None:
    district = make_district()
    file, facility = plant(district)
    make_object(district.enterprise, file)
    holding = make_facility(district.enterprise, make_unit(district.enterprise, file))
    make_holding(district.enterprise, holding, "汽油", present_t="1")
    regrading.look_at_gradings(now=NOW)
    plan = Policy.objects.get()
    measures = [("增设独立仪表", "设备部长", NOW.date())]
    policies.submit_policy(
        actor=district.enterprise, row=plan, goal="降为黄色", measures=measures, evidence=[], now=NOW
    )  # fmt: skip
    grading = fill_and_submit(district, make_grading(district.enterprise, file))
    notice = told(district, file, facility)
    rows = (grading, plan, notice)
    lead = other_office(district)
    with pytest.raises(NotPermitted):
        start_stops.receive_start_stop(actor=lead, row=notice, now=NOW)
    before = {row.pk: WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True).due_at for row in rows}
    handed(district.enterprise, file, lead)
    for row in rows:
        row.refresh_from_db()
        item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
        assert (row.supervisor_id, item.owner_org_id) == (lead.organisation_id, lead.organisation_id), row
        assert item.due_at == before[row.pk]  # time does not begin anew
        entry = JournalEntry.objects.get(subject_id=row.pk, act=f"{row.loop_code}.follow")
        assert entry.facts == {"from": str(district.department.organisation_id), "to": str(lead.organisation_id)}
    old, new = client_of(district.department), client_of(lead)
    page = reverse("risk:grading", args=[grading.pk])
    assert "核定并公布" in new.get(page).content.decode()
    assert "核定并公布" not in old.get(page).content.decode()
    start_stops.receive_start_stop(actor=lead, row=notice, now=NOW)
    policies.approve_policy(actor=lead, row=plan, text="", now=NOW)
    with pytest.raises(NotPermitted):
        gradings.publish_grading(actor=district.department, row=grading, text="", now=NOW)
    assert gradings.publish_grading(actor=lead, row=grading, text="", now=NOW).status == "PUBLISHED"


def test_what_has_ended_stays_with_the_office_that_ended_it_and_the_night_finds_what_was_missed() -> None:
    district = make_district()
    file = own_file(district)
    ended = make_grading(district.enterprise, file)
    gradings.answer_grading(actor=district.department, row=ended, name="withdraw", reason="误启动", now=NOW)
    open_one = make_grading(district.enterprise, file)
    lead = other_office(district)
    Enterprise.objects.filter(pk=file.pk).update(supervisor=lead.organisation_id)
    assert follow_supervisors(now=NOW) == 1
    ended.refresh_from_db()
    open_one.refresh_from_db()
    assert ended.supervisor_id == district.department.organisation_id
    assert open_one.supervisor_id == lead.organisation_id
    assert follow_supervisors(now=NOW) == 0

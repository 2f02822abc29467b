"""Health and admission of people on a permit, up to its start; and who is told of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_draft, make_permit, samples, sign_all
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import PermitPerson
from quancheng.domains.permits.queries.blocks import answers_of
from quancheng.domains.permits.queries.health import barred_by
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.domains.training.models import HealthLimit, Person

LATER = NOW + timedelta(minutes=14)
BARS = {"welder": frozenset(), "height_worker": frozenset({"height"}), "confined_guardian": frozenset({"alone"})}


def limit(person, code, first=date(2026, 1, 1), until=None):
    return HealthLimit.objects.create(
        person=person, limit=code, source="体检", from_date=first, until_date=until, created_at=NOW
    )


def failing(permit, phase, now=NOW):
    return {one.code for one in answers_of(load_rows(permit), phase, now) if one.verdict == "BLOCK"}


def refused(call):
    with pytest.raises(Refused) as caught:
        call()
    return {one["code"] for one in caught.value.facts["answers"]}


@pytest.mark.parametrize(
    ("kind", "part", "tasks", "barred"),
    [
        ("HW", "WORKER", ["ARC_WELD"], frozenset()),
        ("WH", "WORKER", ["INSTALLER"], {"height"}),
        ("CS", "GUARDIAN", [], {"alone", "confined"}),
        # What has no role of its own clears no limit.
        ("HW", "WORKER", ["GRIND"], None),
        ("HW", "WORKER", ["ARC_WELD", "GRIND"], None),
        ("HW", "GUARDIAN", [], None),
        ("HW", "WORKER", [], None),
    ],
)
def test_a_limit_bars_by_the_role_of_the_task_and_without_role_always(kind, part, tasks, barred):
    assert barred_by(kind, part, tasks, BARS) == barred


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["worker", "guardian"])
def test_who_may_not_do_the_work_since_the_issue_does_not_start_it(who):
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    assert not failing(permit, "start", LATER)
    limit(getattr(crew, who), "confined", first=NOW.date())
    assert refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=LATER)) == {"C-28"}


@pytest.mark.django_db
def test_who_left_since_the_application_gets_no_issue_and_no_start():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    Person.objects.filter(pk=crew.worker.pk).update(left_date=NOW.date())
    assert "C-27" in refused(lambda: sign_all(crew, permit, now=LATER))
    assert "C-27" in failing(permit, "start", LATER)


@pytest.mark.django_db
def test_a_limit_counts_that_begins_during_the_work_and_one_that_ended_does_not():
    district = make_district()
    crew = crew_of(district, "WH")
    permit = make_draft(district, "WH", crew, window_end=NOW + timedelta(days=3))
    limit(crew.worker, "height", until=NOW.date() - timedelta(days=1))
    limit(crew.worker, "driving")
    assert "C-28" not in failing(permit, "apply")
    limit(crew.worker, "height", first=NOW.date() + timedelta(days=2))
    assert "C-28" in failing(permit, "apply")


@pytest.mark.django_db
def test_nothing_recorded_of_somebodys_health_is_not_known():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    PermitPerson.objects.filter(permit=permit, part="WORKER").update(medical_on=None)
    found = next(one for one in answers_of(load_rows(permit), "apply", NOW) if one.code == "C-28")
    assert (found.outcome, found.fact) == ("UNKNOWN", "workers.contraindicated P3")


@pytest.mark.django_db
def test_who_works_in_a_confined_space_does_not_analyse_its_gas_under_his_name():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="APPROVING")
    again = samples("CS", LATER, analyst=crew.worker.name)[0]
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=again, now=LATER)
    assert refused(lambda: sign_all(crew, permit, now=LATER)) == {"C-15"}


@pytest.mark.django_db
def test_offices_learn_that_somebody_may_not_do_the_work_and_not_why(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district, "WH")
    permit = make_permit(district, "WH", crew=crew)
    limit(crew.worker, "height", first=NOW.date())
    with pytest.raises(Refused):
        working.start_work(actor=crew.safety, permit=permit, now=LATER)
    own, office = client_of(crew.safety), client_of(district.department)
    url, api = f"/permits/{permit.pk}", f"/api/v1/permits/permits/{permit.pk}"
    told = {one["code"]: one["value"] for one in own.get(api).json()["blocks"]}
    assert told["C-28"] == "P3"
    assert "P3" in own.get(f"{url}?tab=blocks").content.decode()
    assert "体检日期" in own.get(f"{url}?tab=people").content.decode()
    answer = office.get(api)
    withheld = next(one for one in answer.json()["blocks"] if one["code"] == "")
    assert (withheld["verdict"], withheld["fact"], withheld["value"], withheld["limit"]) == ("BLOCK", "", "", "")
    pages = [office.get(f"{url}?tab={tab}").content.decode() for tab in ("people", "blocks", "history")]
    for text in (answer.content.decode(), *pages):
        assert "C-28" not in text
        assert "contraindicated" not in text
        assert "禁忌" not in text
        assert "体检" not in text
    assert "有人员不得从事该作业" in pages[1]

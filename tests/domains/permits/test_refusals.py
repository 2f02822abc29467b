"""What refuses a permit: each with the same setup as the one that goes through, but for one fact."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import (
    ELSEWHERE,
    FOUND,
    NOW,
    START,
    accepted,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    own_file,
    prepare,
    samples,
    sign_all,
    sign_next,
)
from tests.domains.training.factories import make_certificate, make_person
from tests.factories import client_of, make_actor, make_district, make_file

from quancheng.domains.hazards.services.special_periods import switch_off, switch_on
from quancheng.domains.permits.models import Permit, PermitMeasure
from quancheng.domains.permits.queries.blocks import blocks_of, checks
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import clock, drafting, preparing, signing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.standards.gb30871.checks import registry

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)


def refused(call) -> set[str]:
    """Codes of the checks that refuse; each names its clause and what would make it right."""
    with pytest.raises(Refused) as caught:
        call()
    answers = caught.value.facts["answers"]
    assert all(one["clause"] and one["remedy"] for one in answers)
    return {one["code"] for one in answers}


def submit(permit, crew, now=NOW):
    return lambda: drafting.submit_permit(actor=crew.safety, permit=permit, now=now)


def test_the_house_drops_nothing_that_the_standard_demands():
    assert registry.weakened(checks()) == ()


@pytest.mark.parametrize(
    ("step", "codes"),
    [("analysis", {"C-05"}), ("measures", {"C-06"}), ("gas", {"C-01"}), ("briefing", {"C-07"})],
)
def test_what_is_not_prepared_refuses_the_presenting_and_is_journaled(step, codes):
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without=step)
    present = lambda: preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)  # noqa: E731
    assert codes <= refused(present)
    entry = JournalEntry.objects.filter(act="permits.permit.refuse").get()
    assert codes <= set(entry.facts["checks"])
    permit.refresh_from_db()
    assert (permit.status, permit.seal) == ("PREPARING", "")


def test_a_place_that_nobody_looked_at_refuses_the_issue():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="site")
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    assert {"C-22", "C-37", "C-39"} <= refused(lambda: sign_all(crew, permit, now=LATER))
    assert Permit.objects.get().status == "APPROVING"


def test_a_level_below_that_of_the_facts_is_refused_at_the_application():
    district = make_district()
    crew = crew_of(district)
    hot = {**draft_of("HW").work["hot_work"], "on_pipe_rack": True}
    permit = make_draft(district, "HW", crew, work={"hot_work": hot})
    assert refused(submit(permit, crew)) == {"C-17"}
    change = {"actor": crew.safety, "permit": permit, "now": NOW}
    drafting.change_draft(**change, version=1, draft=draft_of("HW", level="I", work={"hot_work": hot}))
    submit(permit, crew)()
    assert (permit.status, permit.base) == ("REQUESTED", "I")


def test_hot_work_on_a_sunday_is_refused_until_it_is_upgraded():
    district = make_district()
    crew = crew_of(district)
    sunday = {"window_start": START + timedelta(days=5), "window_end": START + timedelta(days=5, hours=8)}
    permit = make_draft(district, "HW", crew, **sunday)
    assert "C-18" in refused(submit(permit, crew))
    upgraded = draft_of("HW", level="I", is_upgraded=True, **sunday)
    drafting.change_draft(actor=crew.safety, permit=permit, version=1, draft=upgraded, now=NOW)
    submit(permit, crew)()
    assert (permit.base, permit.effective) == ("II", "I")


def test_hot_work_in_a_special_period_is_refused_until_it_is_upgraded():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    day = NOW.date()
    known = {"code": "EVENT", "name": "示例会议保障", "first_date": day, "last_date": day, "doubles": False, "now": NOW}
    period = switch_on(actor=district.officer, **known)
    assert refused(submit(permit, crew)) == {"C-18"}
    switch_off(actor=district.officer, row=period, now=NOW)
    submit(permit, crew)()


@pytest.mark.parametrize(("missing", "code"), [("worker", "C-10"), ("guardian", "C-08")])
def test_somebody_without_certificate_is_refused(missing, code):
    district = make_district()
    crew = crew_of(district)
    setattr(crew, missing, make_person(district, order=790, name="某无证人"))
    permit = make_draft(district, "HW", crew)
    assert code in refused(submit(permit, crew))


def test_a_certificate_that_ends_during_the_work_is_refused():
    district = make_district()
    crew = crew_of(district, "TE")
    crew.worker = make_person(district, order=791, name="某电工")
    make_certificate(district, crew.worker, "SO-1-02", number="示电0009", valid_to=NOW.date() + timedelta(days=2))
    days = {"window_end": START + timedelta(days=5)}
    assert "C-11" in refused(submit(make_draft(district, "TE", crew, **days), crew))
    submit(make_draft(district, "TE", crew), crew)()


def test_a_guardian_of_other_running_work_is_refused():
    district = make_district()
    crew = crew_of(district)
    make_permit(district, "HW", crew=crew)
    second = make_draft(district, "HW", crew)
    assert {"C-09", "C-29"} <= refused(submit(second, crew))
    other = Permit.objects.exclude(pk=second.pk).get()
    drafting.relate(actor=crew.safety, permit=second, other=other, now=NOW)
    submit(second, crew)()


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"value": Decimal("0.6")}, "C-03"),
        ({"calibration_due": date(2026, 9, 7)}, "C-33"),
        ({"calibration_due": None}, "C-33"),
        ({"sampled_at": NOW - timedelta(minutes=31)}, "C-02"),
    ],
)
def test_a_gas_test_that_does_not_count_is_refused(known, code):
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="gas")
    sample = samples("HW", NOW)[0]
    values = {name: getattr(sample, name) for name in sample.__slots__} | known
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=preparing.Sample(**values), now=LATER)
    assert refused(lambda: preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)) == {code}


def test_two_plates_on_one_permit_are_refused():
    district = make_district()
    crew = crew_of(district, "BL")
    assert refused(submit(make_draft(district, "BL", crew, work={"plates": 2}), crew)) == {"C-24", "P-19"}


def test_a_window_longer_than_the_standard_allows_is_not_issued():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_draft(district, "CS", crew, window_end=START + timedelta(hours=25))
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    assert refused(lambda: sign_all(crew, permit, now=LATER)) == {"C-19"}


def test_lifting_of_a_heavy_load_needs_its_plan():
    district = make_district()
    crew = crew_of(district, "LF")
    site = {"anchor": "NONE", "cranes": [{"load_t": 50, "capacity_t": 80}]}
    heavy = {**draft_of("LF").work["lifting"], "mass_t": 50}
    permit = make_draft(district, "LF", crew, level="2", work={"lifting": heavy, "site": site})
    prepare(crew, permit)
    drafting_now = {"actor": crew.safety, "permit": permit, "now": LATER}
    preparing.present_permit(**drafting_now)
    assert refused(lambda: sign_all(crew, permit, now=LATER)) == {"C-30"}
    with pytest.raises(StaleState):
        drafting.attach_plan(**drafting_now, file_ids=[make_file(crew.safety)])
    signing.reject_permit(actor=crew.head, permit=permit, reason="缺方案", now=LATER)
    drafting.attach_plan(**drafting_now, file_ids=[make_file(crew.safety)])
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    sign_all(crew, permit, now=LATER)
    assert permit.status == "ISSUED"
    # What was signed before it went back counts no longer, and stays.
    assert permit.signatures.filter(withdrawn_at__isnull=False).exists()


def test_who_asked_for_it_does_not_approve_it():
    district = make_district()
    crew = crew_of(district)
    crew.safety = crew.head
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.head, permit=permit, now=LATER)
    assert refused(lambda: sign_all(crew, permit, now=LATER)) == {"C-15"}


def test_a_signature_is_given_in_its_role_alone():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    sign_next(crew, permit, LATER)
    sign_next(crew, permit, LATER)
    worker = make_actor(district.enterprise_org, "enterprise.viewer", name="某查看人")
    with pytest.raises(NotPermitted):
        signing.sign_permit(actor=worker, permit=permit, now=LATER)
    with pytest.raises(NotPermitted):
        signing.sign_permit(actor=district.other_enterprise, permit=permit, now=LATER)


def test_what_was_altered_after_it_was_sealed_is_seen_and_starts_nothing():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew)
    assert load_rows(permit).is_unaltered
    PermitMeasure.objects.filter(permit=permit, code="HW-08").update(filled={"extinguishers": "9"})
    at = LATER + timedelta(minutes=8)
    assert refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=at)) == {"P-36"}
    assert "P-36" in {one.code for one in blocks_of(permit, at)}


def test_a_signature_of_another_permit_is_seen():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew)
    permit.signatures.filter(step="APPROVER").update(seal="0" * 64)
    at = LATER + timedelta(minutes=8)
    assert refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=at)) == {"P-36"}


def test_hot_work_does_not_start_before_the_shift_leader_checked():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    at = LATER
    while permit.status == "APPROVING":
        sign_next(crew, permit, at)
        at += timedelta(minutes=1)
    assert refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=at)) == {"C-53"}


def test_work_does_not_start_outside_the_window_nor_with_an_old_test():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew)
    at = NOW + timedelta(hours=9)
    codes = refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=at))
    # The check of the site is too old too: nobody knows the weather and the zone now.
    assert {"C-02", "C-20", "C-35", "C-36", "C-38"} <= codes


def test_wind_stops_the_start():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew)
    at = LATER + timedelta(minutes=8)
    preparing.check_site(actor=crew.safety, permit=permit, found={"weather": {"wind_beaufort": 6}}, now=at)
    # In such wind hot work is upgraded as well, and nobody signed for the upgraded level.
    assert refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=at)) == {"C-35", "C-53", "P-10"}


def test_after_a_gas_alarm_work_goes_on_with_a_new_test_alone():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = LATER + timedelta(minutes=20)
    bad = samples("HW", at, phase="CONTINUOUS")[0]
    values = {name: getattr(bad, name) for name in bad.__slots__} | {"value": Decimal("0.7")}
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=preparing.Sample(**values), now=at)
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    at += timedelta(minutes=5)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at)
    assert {"C-03"} <= refused(lambda: working.resume_work(actor=crew.safety, permit=permit, now=at))
    good = samples("HW", at, phase="RESUME")[0]
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=good, now=at)
    working.resume_work(actor=crew.safety, permit=permit, now=at + timedelta(minutes=1))
    assert (permit.status, permit.stopped_at) == ("WORKING", None)


def test_the_clock_stops_work_past_its_window_and_ends_what_never_began():
    district = make_district()
    crew = crew_of(district)
    working_one = make_permit(district, "HW", crew=crew, to="WORKING")
    waiting = make_draft(district, "BL", crew_of(district, "BL", order=720))
    drafting.submit_permit(actor=crew.safety, permit=waiting, now=NOW)
    after = NOW + timedelta(hours=8, minutes=1)
    assert clock.keep_time(now=after) == (1, 1, 0)
    working_one.refresh_from_db()
    waiting.refresh_from_db()
    assert (working_one.status, working_one.stop_reason, waiting.status) == ("SUSPENDED", "EXPIRED", "EXPIRED")
    assert "C-20" in refused(lambda: working.resume_work(actor=crew.safety, permit=working_one, now=after))
    working.finish_work(actor=crew.safety, permit=working_one, note="清理完毕", now=after)
    met = accepted(working_one.kind)
    with pytest.raises(Conflict, match="监火"):
        working.accept_work(actor=crew.head, permit=working_one, note="合格", now=after + timedelta(minutes=29), **met)
    working.accept_work(actor=crew.head, permit=working_one, note="合格", now=after + timedelta(minutes=30), **met)
    assert clock.keep_time(now=after + timedelta(hours=25)) == (0, 0, 1)


def test_a_draft_that_nobody_wrote_anew_ends_a_month_after_its_window():
    district = make_district()
    permit = make_draft(district)
    assert clock.keep_time(now=permit.window_end + timedelta(days=30)) == (0, 0, 0)
    assert clock.keep_time(now=permit.window_end + timedelta(days=30, minutes=1)) == (0, 1, 0)


def test_what_cannot_be_a_fact_is_refused_by_its_place():
    district = make_district()
    crew = crew_of(district)
    for work, place in (
        ({"hot_work": {"on_pipe_rak": True}}, "hot_work__on_pipe_rak"),
        ({"methods": ["MELT"]}, "methods"),
        ({"signatures": []}, "signatures"),
    ):
        with pytest.raises(Invalid) as caught:
            drafting.draft_permit(
                actor=crew.safety, file=own_file(district), draft=draft_of("HW", work=work), now=NOW
            )
        assert place in caught.value.fields


def test_two_hundred_workers_on_one_permit_are_refused():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_draft(district, "BL", crew)
    for n in range(50):
        person = make_person(district, order=100 + n, name=f"某工{n}")
        drafting.add_person(
            actor=crew.safety, permit=permit, person=person, part="WORKER", tasks=["WORKER"],
            educated_on=date(2026, 3, 2), medical_on=date(2026, 3, 2), now=NOW,
        )  # fmt: skip
    assert refused(submit(permit, crew)) == {"C-51"}


def test_the_number_of_what_ended_before_its_work_is_void_and_not_given_again():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    submit(permit, crew)()
    working.cancel_permit(actor=crew.head, permit=permit, reason="不再需要", now=NOW)
    second = make_draft(district, "HW", crew)
    submit(second, crew)()
    clock.keep_time(now=NOW + timedelta(hours=9))
    numbers = IssuedNumber.objects.order_by("number").values_list("text", "void_reason")
    assert list(numbers) == [("HW2026-0001", "不再需要"), ("HW2026-0002", "有效期已过")]


def test_whom_another_permit_bound_since_the_checks_is_not_bound_twice(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    make_permit(district, "HW", crew=crew, to="ISSUED")
    crew_two = crew_of(district, "BL", order=730)
    second = make_permit(district, "BL", crew=crew_two, to="APPROVING", at=ELSEWHERE)
    monkeypatch.setattr(signing, "bound_elsewhere", lambda permit, now: True)
    with pytest.raises(StaleState):
        sign_all(crew_two, second, now=LATER)
    second.refresh_from_db()
    assert second.status == "APPROVING"


def test_excavation_that_concerns_no_department_is_issued_once_somebody_said_so():
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew, work={"departments_concerned": []})
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    sign_all(crew, permit, now=LATER)
    assert permit.status == "ISSUED"


def test_a_reading_of_another_gas_counts_with_the_gas_of_the_calibration(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="PREPARING")
    client = client_of(crew.safety)
    typed = {
        "act": "gas", "quantity": "COMBUSTIBLE", "gas": "hydrogen", "value": "1", "unit": "%LEL", "position": "OUTSIDE",
        "point": "动火点", "phase": "PRE", "sampled_at": "2026-09-08T09:00", "instrument": "JC-01",
        "analyst": "某分析人",
    }  # fmt: skip
    for more in ({}, {"calibrated_with": "hydrogen"}, {"calibrated_with": "methane", "correction": "1.2"}):
        assert client.post(f"/permits/{permit.pk}", {**typed, **more}).status_code == 303
    verdicts = permit.gas.filter(gas="hydrogen").order_by("pk").values_list("verdict", flat=True)
    assert list(verdicts) == ["FAIL", "PASS", "PASS"]

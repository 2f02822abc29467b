"""What two do at once, or one does twice: one of them wins, and nothing is written beside the checks."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.domains.permits.factories import (
    HERE,
    NOW,
    START,
    accepted,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    prepare,
    samples,
    sign_all,
    sign_next,
    typed_at_place,
)
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.queries.facts import _trained_for
from quancheng.domains.permits.queries.loading import is_seal_whole, load_rows
from quancheng.domains.permits.services import clock, drafting, preparing, signing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)


def failing(kind, at, phase="RETEST"):
    good = samples(kind, at, phase=phase)[0]
    values = {name: getattr(good, name) for name in good.__slots__} | {"value": Decimal("0.7")}
    return preparing.Sample(**values)


def read_early(permit):
    """The row as somebody else's page read it, before what follows."""
    return Permit.objects.select_related("file").get(pk=permit.pk)


@pytest.mark.parametrize("move", ["submit", "present", "sign", "start", "resume"])
def test_checks_are_asked_behind_the_lock_of_the_permit(move, monkeypatch, django_assert_max_num_queries):
    district = make_district()
    crew = crew_of(district)
    state = {"submit": "DRAFT", "present": "PREPARING", "sign": "APPROVING", "start": "ISSUED"}.get(move, "WORKING")
    permit = make_permit(district, "HW", crew=crew, to=state)
    at = LATER + timedelta(minutes=9)
    if move == "resume":
        working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at)
    module = {"submit": drafting, "present": preparing, "sign": signing}.get(move, working)
    seen = []

    def watched(row):
        asked = [one["sql"] for one in connection.queries_log]
        seen.append(any("FOR NO KEY UPDATE" in sql and "permits_permit" in sql for sql in asked))
        return load_rows(row)

    monkeypatch.setattr(module, "load_rows", watched)
    acts = {
        "submit": drafting.submit_permit, "present": preparing.present_permit, "sign": signing.sign_permit,
        "start": working.start_work, "resume": working.resume_work,
    }  # fmt: skip
    person = PermitPerson.objects.filter(permit=permit, part="GUARDIAN").get()
    with django_assert_max_num_queries(400):
        try:
            more = {"person": person, "position": HERE} if move == "sign" else {}
            acts[move](actor=crew.head, permit=permit, now=at, **more)
        except Refused:
            assert move == "resume"
    assert seen == [True]


def test_a_refusal_is_journaled_and_writes_nothing_else():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="gas")
    key = uuid.uuid4()
    for count in (1, 2):
        with pytest.raises(Refused):
            preparing.present_permit(actor=crew.safety, permit=permit, now=LATER, client_id=key)
        assert JournalEntry.objects.filter(act="permits.permit.refuse").count() == count
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=samples("HW", LATER)[0], now=LATER)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER, client_id=key)
    assert permit.status == "APPROVING"


def test_a_signature_given_to_one_presentation_does_not_fit_the_next():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    first = permit.seal
    sign_next(crew, permit, LATER)
    signing.reject_permit(actor=crew.head, permit=permit, reason="再看", now=LATER)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    # Nothing was changed between them, and yet they are two.
    assert permit.seal != first
    assert is_seal_whole(permit, load_rows(permit).people)
    permit.signatures.update(withdrawn_at=None)
    assert not is_seal_whole(permit, load_rows(permit).people)


@pytest.mark.parametrize("step", ["GUARDIAN", "APPROVER"])
def test_a_signature_without_seal_is_seen(step):
    district = make_district()
    permit = make_permit(district)
    permit.signatures.filter(step=step).update(seal="")
    assert not load_rows(permit).is_unaltered


@pytest.mark.parametrize("again", ["same", "other"])
def test_a_double_post_signs_once(again):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    for n, part in enumerate(("GUARDIAN", "LEADER")):
        person, at = PermitPerson.objects.get(permit=permit, part=part), LATER + timedelta(minutes=n)
        signing.sign_permit(actor=crew.head, permit=permit, person=person, position=HERE, now=at)
    before, key = permit.signatures.count(), uuid.uuid4()
    shown = signing.Shown("LOCAL_UNIT", "", permit.seal)
    early = read_early(permit)
    at = LATER + timedelta(minutes=2)
    same = {"actor": crew.head, "opinion": "可以", "shown": shown, "now": at, "position": HERE}
    signing.sign_permit(permit=permit, client_id=key, **same)
    if again == "same":
        signing.sign_permit(permit=early, client_id=key, **same)
    else:
        # A second page that was open: its button said the same role, and the next is another's.
        with pytest.raises((StaleState, Conflict)):
            signing.sign_permit(permit=early, client_id=uuid.uuid4(), **same)
    assert permit.signatures.count() == before + 1


def test_a_signer_signs_what_he_read():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    person = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    read = signing.Shown("GUARDIAN", "", permit.seal)
    signing.reject_permit(actor=crew.head, permit=permit, reason="再看", now=LATER)
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    with pytest.raises(StaleState):
        signing.sign_permit(actor=crew.head, permit=permit, person=person, shown=read, position=HERE, now=LATER)
    now_read = signing.Shown("GUARDIAN", "", permit.seal)
    signing.sign_permit(actor=crew.head, permit=permit, person=person, shown=now_read, position=HERE, now=LATER)


def test_the_same_request_again_is_answered_as_the_first():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="ISSUED")
    at, key = LATER + timedelta(minutes=9), uuid.uuid4()
    early = read_early(permit)
    working.start_work(actor=crew.safety, permit=permit, now=at, client_id=key)
    working.start_work(actor=crew.safety, permit=early, now=at, client_id=key)
    assert (early.status, early.started_at) == ("WORKING", at)
    working.finish_work(actor=crew.safety, permit=permit, note="完", now=at)
    at += timedelta(minutes=31)
    early, key = read_early(permit), uuid.uuid4()
    working.accept_work(actor=crew.head, permit=permit, note="好", now=at, client_id=key, **accepted("HW"))
    working.accept_work(actor=crew.head, permit=early, note="好", now=at, client_id=key, **accepted("HW"))
    assert permit.signatures.filter(step="ACCEPTOR").count() == 1


def test_two_pages_that_show_the_same_button_sign_once(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    client, url = client_of(crew.head), f"/permits/{permit.pk}"
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    form = client.get(f"{url}?act=sign").context["panel"].form
    typed = {"act": "sign", "person": str(guardian.pk), **typed_at_place(LATER)}
    typed |= {one.name: one.value() for one in form.hidden_fields()}
    key = str(uuid.uuid4())
    before = permit.signatures.count()
    posts = [client.post(url, {**typed, "client_id": one}) for one in (key, key, str(uuid.uuid4()))]
    assert [one.status_code for one in posts] == [303, 303, 409]
    # A form that does not say what it asks for signs nothing.
    assert client.post(url, {"act": "sign", "person": str(guardian.pk), **typed_at_place(LATER)}).status_code == 409
    assert permit.signatures.count() == before + 1


def test_a_draft_that_somebody_changed_since_it_was_read_is_not_written_over(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "BL", crew)
    client, url = client_of(crew.safety), f"/permits/{permit.pk}/change"
    form = client.get(url).context["form"]
    told = {one.name: one.value() for one in form if one.value() not in (None, "")}
    window = {"window_start": "2026-09-08T09:00", "window_end": "2026-09-08T17:00"}
    typed = told | window | {"needs_plan": "0", "place": "甲处"}
    first = client.post(url, typed)
    assert first.status_code == 303, first.context["form"].errors
    assert client.post(url, {**typed, "place": "乙处"}).status_code == 409
    permit.refresh_from_db()
    assert permit.place == "甲处"


@pytest.mark.parametrize("by", ["safety", "head"])
def test_stopping_is_not_refused_by_who_took_the_work_item(by):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    colleague = make_actor(district.enterprise_org, "enterprise.safety", name="某同事")
    WorkItem.objects.filter(subject_id=permit.pk, done_at=None).update(person_id=colleague.user_id)
    with pytest.raises(NotPermitted):
        working.finish_work(actor=crew.safety, permit=permit, note="完", now=LATER)
    working.suspend_work(actor=getattr(crew, by), permit=permit, stop_reason="UNIT_UPSET", now=LATER)
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "UNIT_UPSET")


def test_whoever_took_the_work_item_keeps_no_other_from_signing():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    colleague = make_actor(district.enterprise_org, "enterprise.safety", name="某同事")
    WorkItem.objects.filter(subject_id=permit.pk, done_at=None).update(person_id=colleague.user_id)
    sign_all(crew, permit, now=NOW + timedelta(minutes=6))
    permit.refresh_from_db()
    assert permit.status == "ISSUED"


def test_a_failing_value_is_kept_and_stops_whoever_took_the_work_item():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    colleague = make_actor(district.enterprise_org, "enterprise.safety", name="某同事")
    WorkItem.objects.filter(subject_id=permit.pk, done_at=None).update(person_id=colleague.user_id)
    at = LATER + timedelta(minutes=10)
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=failing("HW", at, "CONTINUOUS"), now=at)
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    assert permit.gas.filter(verdict="FAIL").count() == 1


def test_a_failing_value_is_kept_also_where_the_stop_breaks(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = LATER + timedelta(minutes=10)

    def broken(permit, now, **told):
        raise RuntimeError

    monkeypatch.setattr(preparing, "stop_for_gas", broken)
    with pytest.raises(RuntimeError):
        preparing.enter_gas(actor=crew.safety, permit=permit, sample=failing("HW", at, "CONTINUOUS"), now=at)
    assert permit.gas.filter(verdict="FAIL").count() == 1


@pytest.mark.parametrize("state", ["APPROVING", "ISSUED"])
def test_a_failing_retest_before_work_sends_the_permit_back(state):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to=state)
    if state == "APPROVING":
        sign_next(crew, permit, LATER)
    at = LATER + timedelta(minutes=10)
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=samples("HW", at, phase="RETEST")[0], now=at)
    assert permit.status == state
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=failing("HW", at), now=at)
    assert (permit.status, permit.seal, permit.issued_at) == ("PREPARING", "", None)
    standing = permit.signatures.filter(withdrawn_at=None).values_list("step", flat=True)
    assert set(standing) == {"BRIEFER", "BRIEFED"}
    with pytest.raises(Refused):
        preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    at += timedelta(minutes=1)
    preparing.enter_gas(actor=crew.safety, permit=permit, sample=samples("HW", at, phase="RETEST")[0], now=at)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    assert permit.status == "APPROVING"


def test_who_submits_is_who_asked_and_does_not_approve():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    both, crew.safety = crew.safety, crew.head
    prepare(crew, permit)
    assert permit.requester_id == crew.head.user_id
    preparing.present_permit(actor=both, permit=permit, now=LATER)
    for n in range(3):
        sign_next(crew, permit, LATER + timedelta(minutes=n))
    at = LATER + timedelta(minutes=3)
    with pytest.raises(Refused) as caught:
        sign_next(crew, permit, at)
    assert {one["code"] for one in caught.value.facts["answers"]} == {"C-15"}
    # Another head, who began nothing, approves.
    crew.head = make_actor(district.enterprise_org, "enterprise.head", name="某值班领导")
    sign_next(crew, permit, at)
    assert permit.status == "ISSUED"


@pytest.mark.parametrize("end", ["finish", "accept"])
def test_what_was_altered_is_neither_finished_nor_accepted_but_void(end):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = LATER + timedelta(minutes=60)
    if end == "accept":
        working.finish_work(actor=crew.safety, permit=permit, note="完", now=LATER)
        void = {"actor": crew.head, "permit": permit, "event": "SERIOUS_VIOLATION", "reason": "涂改"}
        with pytest.raises(Conflict):
            working.void_permit(**void, now=at)
    Permit.objects.filter(pk=permit.pk).update(place="罐区防火堤内")
    act = {"finish": working.finish_work, "accept": working.accept_work}[end]
    with pytest.raises(Refused) as caught:
        act(actor=crew.head, permit=permit, note="完", now=at, **(accepted("HW") if end == "accept" else {}))
    assert [one["code"] for one in caught.value.facts["answers"]] == ["P-36"]
    working.void_permit(actor=crew.head, permit=permit, event="SERIOUS_VIOLATION", reason="涂改", now=at)
    assert permit.status == "VOID"


def test_one_permit_that_cannot_be_moved_holds_up_no_other(monkeypatch, caplog):
    district = make_district()
    crew = crew_of(district, "BL")
    broken, other = make_draft(district, "BL", crew), make_draft(district, "BL", crew)
    after = broken.window_end + timedelta(days=31)

    def move(*, row, **known):
        if row.pk == broken.pk:
            raise RuntimeError("broken")
        return loop_move(row=row, **known)

    loop_move = clock.move
    monkeypatch.setattr(clock, "move", move)
    assert clock.keep_time(now=after) == (0, 1, 0)
    other.refresh_from_db()
    assert other.status == "EXPIRED"
    assert str(broken.pk) in caplog.text


@pytest.mark.parametrize(
    "known",
    [
        {"place": "罐区"},
        {"window_start": START + timedelta(hours=8), "window_end": START + timedelta(hours=9)},
    ],
)
def test_only_the_same_job_at_the_same_point_is_related(known):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_draft(district, "BL", crew)
    elsewhere, same = make_draft(district, "BL", crew, **known), make_draft(district, "BL", crew)
    with pytest.raises(Invalid):
        drafting.relate(actor=crew.safety, permit=permit, other=elsewhere, now=NOW)
    drafting.relate(actor=crew.safety, permit=permit, other=same, now=NOW)
    told = JournalEntry.objects.filter(act="permits.permit.relate").values_list("subject_id", flat=True)
    assert set(told) == {permit.pk, same.pk}
    # Moved elsewhere it is of that job no longer.
    moved = draft_of("BL", **known)
    drafting.change_draft(actor=crew.safety, permit=permit, version=1, draft=moved, now=NOW)
    assert list(permit.related.all()) == []


def test_nothing_is_related_to_what_was_presented():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="APPROVING")
    second = make_draft(district, "BL", crew)
    with pytest.raises(StaleState):
        drafting.relate(actor=crew.safety, permit=permit, other=second, now=LATER)
    drafting.relate(actor=crew.safety, permit=second, other=permit, now=LATER)


@pytest.mark.parametrize(
    ("words", "has", "lacks"),
    [
        ("", "HW CS RC", ""),
        ("动火、受限空间", "HW CS", "WH"),
        ("不含动火", "CS WH", "HW"),
        ("动火，不含受限空间", "HW", "CS WH"),
        ("HW CS", "HW CS", "LF"),
        ("另行通知", "", "HW CS"),
    ],
)
def test_a_guardians_certificate_says_also_what_it_leaves_out(words, has, lacks):
    found = _trained_for(words)
    assert found >= set(has.split())
    assert not found & set(lacks.split())

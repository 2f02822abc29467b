"""Long work: asked for, done as the person who asked, seen and fetched by him alone, cancelled, cleared away."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import NOW, District, make_actor, make_org
from tests.support.retention import retire
from tests.support.signing import signed_in
from tests.support.work import do_long_work

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.errors import StaleState, TooMany
from quancheng.kernel.files.models import FileLink, StoredFile
from quancheng.kernel.files.store import store
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.longwork import services, tending
from quancheng.kernel.longwork.models import LongWork, State
from quancheng.kernel.longwork.running import run_work
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.notices.queries import address_of
from quancheng.kernel.people.models import Membership
from quancheng.kernel.tokens.services import actor_by_token, create_token

pytestmark = pytest.mark.django_db
JSON = "application/json"


def start(actor: Actor, kind: str = "test.write", **params: Any) -> LongWork:
    return services.start_work(
        actor=actor, kind=kind, title="数数", params={"numbers": 3, **params}, now=timezone.now()
    )


def text_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_it_is_queued_with_its_job_done_as_the_person_and_told(district: District) -> None:
    work = start(district.officer)
    job = ProcrastinateJob.objects.get(pk=work.job_id)
    assert (job.queue_name, job.args) == ("slow", {"work_id": str(work.pk), "limit_s": 1800})
    done = do_long_work()
    assert (done.state, done.done, done.total, done.percent) == ("done", 3, 3, 100)
    page = signed_in(district.officer).get(work.get_absolute_url()).content.decode()
    link = FileLink.objects.get(subject_id=work.pk)
    assert reverse("files:download", args=[link.pk]) in page
    fetched = signed_in(district.officer).get(reverse("files:download", args=[link.pk]))
    assert text_of(fetched).startswith(district.officer.name)
    notice = Notice.objects.get(user=district.officer.user_id)
    assert (notice.kind, address_of(notice)) == ("longwork.done", work.get_absolute_url())
    acts = JournalEntry.objects.filter(subject_id=work.pk).order_by("at").values_list("act", flat=True)
    assert sorted(acts) == ["files.link.add", "longwork.start"]


def test_nobody_else_sees_it_or_fetches_its_file_not_even_of_the_same_office(district: District) -> None:
    work = start(district.officer)
    do_long_work()
    link = FileLink.objects.get(subject_id=work.pk)
    for other in (district.director, district.department, district.enterprise):
        client = signed_in(other)
        assert client.get(work.get_absolute_url()).status_code == 404
        assert client.get(reverse("files:download", args=[link.pk])).status_code == 404
        assert client.get(reverse("api:read_long_work_file", args=[work.pk])).status_code == 404
        assert client.post(reverse("api:cancel_long_work", args=[work.pk]), {}, JSON).status_code == 404
        assert "数数" not in client.get(reverse("longwork:list")).content.decode()


def test_the_same_person_in_another_place_does_not_see_what_the_first_place_may(district: District) -> None:
    work = start(district.officer)
    elsewhere = Membership.objects.create(
        user_id=district.officer.user_id, organisation=district.department_org, valid_from=NOW
    )
    assert signed_in(elsewhere).get(work.get_absolute_url()).status_code == 404


def test_a_token_reaches_only_what_was_begun_with_no_more_than_its_duties(district: District) -> None:
    tokens = {
        name: create_token(actor=district.officer, name=name, duties=duties, can_write=True, days=9, now=timezone.now())
        for name, duties in (("narrow", ["papers.draft"]), ("whole", sorted(district.officer.duties)))
    }
    work = start(district.officer)
    do_long_work()
    link = FileLink.objects.get(subject_id=work.pk)
    ways = [
        reverse("api:get_long_work", args=[work.pk]), reverse("api:read_long_work_file", args=[work.pk]),
        reverse("api:read_file", args=[link.pk]),
    ]  # fmt: skip
    for name, status in (("narrow", 404), ("whole", 200)):
        client = Client(headers={"Authorization": f"Bearer {tokens[name].secret}"})
        assert [client.get(way).status_code for way in ways] == [status] * 3, name
    client = Client(headers={"Authorization": f"Bearer {tokens['narrow'].secret}"})
    start(actor_by_token(presented=tokens["narrow"].secret, address="", is_write=True, now=timezone.now()))
    assert len(client.get(reverse("api:list_long_work")).json()["items"]) == 1


def test_it_runs_with_the_duties_of_today_and_none_that_the_request_had_not(district: District) -> None:
    narrow = create_token(
        actor=district.officer, name="t", duties=["papers.draft"], can_write=True, days=9, now=timezone.now()
    )
    # The token holds one of the officer's duties; the work that it began must not hold them all.
    actor = actor_by_token(presented=narrow.secret, address="", is_write=True, now=timezone.now())
    start(actor)
    work = do_long_work()
    with store().open(StoredFile.objects.get(links__subject_id=work.pk).digest) as stream:
        assert stream.readline().decode().strip() == f"{district.officer.name} ['papers.draft'] False"


def test_whose_place_ended_meanwhile_gets_nothing_and_is_told_why(district: District) -> None:
    work = start(district.officer)
    Membership.objects.filter(pk=district.officer.membership_id).update(valid_to=timezone.now())
    work = do_long_work()
    assert work.state == "failed"
    assert "已经终止" in work.message
    assert not FileLink.objects.filter(subject_id=work.pk).exists()


@pytest.mark.parametrize(("kind", "said"), [("test.refuse", "请填写此项"), ("test.fail", "事件编号")])
def test_a_refusal_and_a_failure_of_ours_are_said_on_its_page(district: District, kind: str, said: str) -> None:
    work = start(district.officer, kind)
    assert do_long_work().state == "failed"
    assert said in signed_in(district.officer).get(work.get_absolute_url()).content.decode()
    assert Notice.objects.get(user=district.officer.user_id).kind == "longwork.failed"


def test_work_of_one_transaction_leaves_nothing_where_it_failed(district: District) -> None:
    start(district.officer, "test.mark", fail=True)
    assert do_long_work().state == "failed"
    assert not ClientAct.objects.filter(act="test.mark").exists()
    start(district.officer, "test.mark")
    assert (do_long_work().link, ClientAct.objects.filter(act="test.mark").count()) == ("/", 1)


def test_cancelled_before_its_turn_it_never_runs(district: District) -> None:
    work = start(district.officer)
    page = signed_in(district.officer).post(work.get_absolute_url(), {"act": "cancel"})
    assert page.status_code == 303
    run_work(work_id=work.pk, now=timezone.now())
    work.refresh_from_db()
    assert (work.state, work.attempt) == ("cancelled", 0)
    with pytest.raises(StaleState):
        services.cancel_work(actor=district.officer, work=work, now=timezone.now())
    assert not FileLink.objects.filter(subject_id=work.pk).exists()


def test_begun_anew_after_a_kill_it_starts_over_and_has_one_result(district: District) -> None:
    work = start(district.officer)
    LongWork.objects.filter(pk=work.pk).update(state="running", attempt=1, done=2, began_at=NOW)
    run_work(work_id=work.pk, now=timezone.now())
    run_work(work_id=work.pk, now=timezone.now())
    work.refresh_from_db()
    assert (work.state, work.attempt, work.done) == ("done", 2, 3)
    assert FileLink.objects.filter(subject_id=work.pk).count() == 1


def test_more_than_five_at_once_are_refused(district: District) -> None:
    for _number in range(services.MOST_OPEN):
        start(district.officer)
    with pytest.raises(TooMany):
        start(district.officer)
    do_one = LongWork.objects.filter(user=district.officer.user_id).first()
    assert do_one is not None
    run_work(work_id=do_one.pk, now=timezone.now())
    start(district.officer)


@pytest.mark.django_db(transaction=True)
def test_of_two_begun_at_once_the_second_counts_the_first(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_OPEN", 1)
    told: list[str] = []

    def second() -> None:
        try:
            start(district.officer)
        except TooMany as refused:
            told.append(refused.code)
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        start(district.officer)
        thread.start()
        with connection.cursor() as cursor:
            waiting = False
            while not waiting and thread.is_alive():
                cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
                waiting = cursor.fetchone()[0]
    thread.join(timeout=60)
    assert (len(told), LongWork.objects.count()) == (1, 1)


def test_failed_cancelled_and_running_work_are_told_apart_by_their_words() -> None:
    assert len({str(label) for _state, label in State.choices}) == len(State)
    assert str(State.FAILED.label) == "执行失败"


def test_the_same_identifier_twice_begins_it_once(district: District) -> None:
    given = {"actor": district.officer, "kind": "test.write", "title": "数数", "now": timezone.now()}
    client_id = LongWork().pk
    first = services.start_work(**given, params={"numbers": 1}, client_id=client_id)
    assert services.start_work(**given, params={"numbers": 1}, client_id=client_id).pk == first.pk


def test_what_lost_its_job_is_said_to_have_failed(district: District) -> None:
    work, other = start(district.officer), start(district.director)
    ProcrastinateJob.objects.filter(pk=work.job_id)._raw_delete("default")
    assert tending.fail_orphans(now=timezone.now()) == 1
    work.refresh_from_db()
    other.refresh_from_db()
    assert (work.state, other.state) == ("failed", "waiting")


def test_the_file_goes_after_its_days_and_the_row_long_after(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    work = start(district.officer)
    work = do_long_work()
    digest = StoredFile.objects.get(links__subject_id=work.pk).digest
    assert work.expires_at is not None
    assert work.ended_at is not None
    assert work.expires_at - work.ended_at == timedelta(days=7)
    tending.clear_out(now=work.expires_at - timedelta(minutes=1))
    assert store().exists(digest)
    with django_capture_on_commit_callbacks(execute=True):
        tending.clear_out(now=work.expires_at)
    assert not store().exists(digest)
    assert not StoredFile.objects.filter(digest=digest).exists()
    page = signed_in(district.officer).get(work.get_absolute_url()).content.decode()
    assert "已过保留期" in page
    assert retire("longwork.work", work.ended_at + timedelta(days=89)) == 0
    assert retire("longwork.work", work.ended_at + timedelta(days=91)) == 1
    assert not LongWork.objects.filter(pk=work.pk).exists()


def test_equal_content_that_somebody_else_still_has_stays(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = start(district.officer), start(district.officer)
    for work in (first, second):
        run_work(work_id=work.pk, now=timezone.now())
    second.refresh_from_db()
    assert second.expires_at is not None
    LongWork.objects.filter(pk=second.pk).update(expires_at=second.expires_at + timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        tending.clear_out(now=second.expires_at)
    left = StoredFile.objects.get(links__subject_id=second.pk)
    assert not FileLink.objects.filter(subject_id=first.pk).exists()
    assert store().exists(left.digest)


def test_the_progress_part_moves_and_then_calls_for_the_whole_page(district: District) -> None:
    work = start(district.officer)
    LongWork.objects.filter(pk=work.pk).update(state="running", attempt=1, began_at=NOW, done=1, total=3)
    client, address = signed_in(district.officer), reverse("longwork:progress", args=[work.pk])
    part = client.get(address, HTTP_HX_REQUEST="true")
    assert "33%" in part.content.decode()
    assert 'hx-trigger="every 2s"' in part.content.decode()
    assert client.get(address).status_code == 302
    run_work(work_id=work.pk, now=timezone.now())
    part = client.get(address, HTTP_HX_REQUEST="true")
    assert part.headers["HX-Refresh"] == "true"
    assert "every" not in part.content.decode()


def test_programs_list_read_cancel_and_fetch_their_own(district: District) -> None:
    client = signed_in(district.officer)
    work, other = start(district.officer), start(district.officer)
    listed = client.get(reverse("api:list_long_work"), {"open": "true", "total": "true"}).json()
    assert (listed["total"], listed["items"][0]["id"]) == (2, str(other.pk))
    answer = client.post(reverse("api:cancel_long_work", args=[other.pk]), {}, JSON)
    assert json.loads(answer.content)["state"] == "cancelled"
    assert client.post(reverse("api:cancel_long_work", args=[other.pk]), {}, JSON).status_code == 409
    assert client.get(reverse("api:read_long_work_file", args=[work.pk])).status_code == 404
    do_long_work()
    assert client.get(reverse("api:get_long_work", args=[work.pk])).json()["state"] == "done"
    assert text_of(client.get(reverse("api:read_long_work_file", args=[work.pk]))).endswith("2\n")


def test_an_administrator_who_sees_no_business_has_his_own_list(district: District) -> None:
    actor = make_actor(make_org(kind="office"), "admin.system")
    assert signed_in(actor).get(reverse("longwork:list")).status_code == 200

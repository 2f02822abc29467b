"""Retention: every rule meets its model's class, goes in batches, spares what is open or held, and says what it did."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from tests.factories import NOW, house_actor, make_actor, make_district, make_member, make_org
from tests.support.retention import retire
from tests.support.signing import signed_in

from quancheng.domains.duty.models import StudyRecord
from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.errors import Conflict
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import accounts
from quancheng.kernel.people.models import Membership, SignIn, SignInAttempt, User
from quancheng.kernel.people.services import create_user
from quancheng.kernel.retention import archives, services
from quancheng.kernel.retention.declare import all_rules, rule_of
from quancheng.kernel.retention.models import Archive, RetentionHold, RetentionRun
from quancheng.kernel.vault.suites import Unreadable

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=91)


def make_acts(count: int) -> list[ClientAct]:
    return ClientAct.objects.bulk_create(
        [ClientAct(id=uuid7(), act="test", body_digest="0" * 64, at=NOW) for _number in range(count)]
    )


@pytest.fixture
def system(db):
    return make_actor(make_org(kind="office"), "admin.system")


# Declarations ---------------------------------------------------------------------------------------------------------


def test_what_a_model_promises_has_a_rule_with_the_same_time_and_no_rule_promises_more():
    promised = set()
    for model in apps.get_models():
        if not model.__module__.startswith("quancheng."):
            continue
        said = re.search(r"Retention class: ([^.]*)", " ".join((model.__doc__ or "").split()))
        assert said, model
        times = re.findall(r"\b\d+ (?:days|years)\b", said[1])
        promised |= {(model, time) for time in times}
        if not times:
            kept = r"(register|official (record|document)|permanent|as |personal setting|technical, until )"
            assert re.match(kept, said[1]), (model, said[1])
    assert {(rule.model, rule.kept) for rule in all_rules()} == promised


def test_every_rule_counts_on_an_empty_house(system):
    assert [(run.due, run.held) for run in services.try_out(actor=system, now=timezone.now())] == [
        (0, 0) for _rule in all_rules()
    ]


# Rounds ---------------------------------------------------------------------------------------------------------------


def test_rows_go_on_their_day_and_not_before_and_the_journal_keeps_a_digest(db):
    make_acts(3)
    assert retire("access.client_act", NOW + timedelta(days=90)) == 0
    assert retire("access.client_act", LATER) == 3
    assert not ClientAct.objects.exists()
    entry = JournalEntry.objects.get(act="retention.delete")
    assert (entry.facts["rule"], entry.facts["rows"], len(entry.facts["digest"])) == ("access.client_act", 3, 64)
    run = RetentionRun.objects.filter(rule="access.client_act").latest("started_at")
    assert (run.due, run.held, run.done, run.finished_at is not None) == (3, 0, 3, True)


def test_a_round_that_was_interrupted_goes_on_where_it_stood(db, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    make_acts(5)
    rule = rule_of("access.client_act")
    cut = services.run_rule(rule=rule, now=LATER, batches=1)
    cut.refresh_from_db()
    assert (cut.done, cut.finished_at) == (2, None)
    whole = services.run_rule(rule=rule, now=LATER + timedelta(hours=1))
    assert (whole.pk, whole.due, whole.done) == (cut.pk, 5, 5)
    assert JournalEntry.objects.filter(act="retention.delete").count() == 3


def test_a_batch_that_fails_leaves_its_rows_and_says_nothing_of_them(db, monkeypatch):
    make_acts(2)

    def fail(rule, rows, now):
        ClientAct.objects.all().delete()
        raise OSError("the disk is full")

    monkeypatch.setattr(services, "_remove", fail)
    with pytest.raises(OSError, match="the disk"):
        retire("access.client_act", LATER)
    assert ClientAct.objects.count() == 2
    assert not JournalEntry.objects.filter(act="retention.delete").exists()


def test_a_trial_counts_and_changes_nothing(system):
    acts = make_acts(2)
    services.set_hold(
        actor=system, rule_code="access.client_act", subject=str(acts[0].pk), reason="某案调查", now=NOW
    )
    trial = {run.rule: run for run in services.try_out(actor=system, now=LATER)}["access.client_act"]
    assert (trial.due, trial.held, trial.done, trial.is_dry) == (2, 1, 0, True)
    assert ClientAct.objects.count() == 2


# Holds ----------------------------------------------------------------------------------------------------------------


def test_what_is_held_stays_until_the_hold_is_lifted_with_a_reason(system):
    kept, _gone = make_acts(2)
    client = signed_in(system)
    form = {"rule": "access.client_act", "subject": f"https://house/x/{kept.pk}?tab=1", "reason": "某案调查"}
    assert client.post("/admin/retention/holds/new", form).status_code == 303
    assert retire("access.client_act", LATER) == 1
    assert ClientAct.objects.get() == kept
    hold = RetentionHold.objects.get()
    page = client.get("/admin/retention/").content.decode()
    assert "某案调查" in page
    assert str(kept.pk) in page
    lift = f"/admin/retention/holds/{hold.pk}/lift"
    assert client.post(lift, {"reason": "完"}).status_code == 422
    assert client.post(lift, {"reason": "案件已经办结"}).status_code == 303
    assert client.post(lift, {"reason": "案件已经办结"}).status_code == 404
    assert retire("access.client_act", LATER) == 1
    acts = JournalEntry.objects.filter(act__in=("retention.hold", "retention.lift")).order_by("seq")
    assert [entry.facts["reason"] for entry in acts] == ["某案调查", "案件已经办结"]


def test_a_hold_on_a_whole_kind_keeps_all_of_it(system):
    make_acts(2)
    services.set_hold(actor=system, rule_code="access.client_act", subject="", reason="某案调查", now=NOW)
    assert retire("access.client_act", LATER) == 0
    with pytest.raises(Conflict):
        services.set_hold(actor=system, rule_code="access.client_act", subject="", reason="某案调查", now=NOW)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": "x"}, "至少4个字"),
        ({"rule": "no.such"}, ""),
        ({"subject": "0190aaaa-0000-7000-8000-000000000000"}, "没有这条记录"),
        ({"subject": "<script>"}, "没有这条记录"),
    ],
)
def test_a_hold_on_nothing_or_without_a_reason_is_refused_beside_its_field(system, changed, said):
    form = {"rule": "access.client_act", "subject": "", "reason": "某案调查"} | changed
    answer = signed_in(system).post("/admin/retention/holds/new", form)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not RetentionHold.objects.exists()


@pytest.mark.parametrize("role", ["admin.security", "admin.audit", "office.director"])
def test_retention_is_the_system_administrator_s(role):
    client = signed_in(make_actor(make_org(kind="office"), role))
    assert client.get("/admin/retention/").status_code == 403
    assert client.post("/admin/retention/try").status_code == 403
    assert client.post("/admin/retention/holds/new", {}).status_code == 403


def test_the_page_shows_each_rule_with_its_last_round_and_a_trial(system):
    make_acts(7)
    retire("access.client_act", LATER)
    client = signed_in(system)
    assert client.post("/admin/retention/try").status_code == 303
    page = client.get("/admin/retention/").content.decode()
    assert page.count("<tr>") == len(all_rules()) + 1
    assert "90 天" in page
    assert "归档后删除" in page
    assert re.search(r">7</td>", page)


# Archives -------------------------------------------------------------------------------------------------------------


def test_what_is_archived_can_be_read_from_its_sealed_file_and_is_gone_from_the_house(db, capsys):
    district = make_district()
    row = StudyRecord.objects.create(
        owner_org=district.department_org, topic="危险化学品安全法", held_date=NOW.date(), attendees="全体",
        material="条文", created_at=NOW,
    )  # fmt: skip
    young = StudyRecord.objects.create(
        owner_org=district.department_org, topic="新近", held_date=NOW.date() + timedelta(days=400), attendees="全体",
        material="条文", created_at=NOW,
    )  # fmt: skip
    assert retire("duty.study", NOW + timedelta(days=5 * 365)) == 0
    assert retire("duty.study", NOW + timedelta(days=5 * 365 + 3)) == 1
    assert list(StudyRecord.objects.all()) == [young]
    archive = Archive.objects.get()
    [line] = archives.read(archive.digest)
    assert (line["row"]["id"], line["row"]["topic"]) == (str(row.pk), "危险化学品安全法")
    assert JournalEntry.objects.get(act="retention.archive").facts["archive"] == archive.digest
    from quancheng.runtime.commands import archive_read

    assert archive_read([archive.digest]) == 0
    assert "危险化学品安全法" in capsys.readouterr().out
    assert archive_read(["sha256:" + "0" * 64]) == 1


def test_a_row_that_changes_while_it_is_archived_is_left_for_the_next_round_and_nothing_remains_of_it(db, monkeypatch):
    district = make_district()
    for topic in ("甲", "乙"):
        StudyRecord.objects.create(
            owner_org=district.department_org, topic=topic, held_date=NOW.date(), attendees="全体", material="条文",
            created_at=NOW,
        )  # fmt: skip
    write, written = archives.write, []

    def change(lines):
        StudyRecord.objects.filter(topic="乙").update(attendees=f"第{len(written)}次更改")
        written.append(write(lines))
        return written[-1]

    monkeypatch.setattr(archives, "write", change)
    later = NOW + timedelta(days=5 * 365 + 3)
    assert retire("duty.study", later) == 1
    assert StudyRecord.objects.get().topic == "乙"
    archive = Archive.objects.get()
    assert (archive.rows, [line["row"]["topic"] for line in archives.read(archive.digest)]) == (1, ["甲"])
    from quancheng.kernel.files.store import store

    assert [store().exists(digest) for digest in written] == [False, True]
    monkeypatch.setattr(archives, "write", write)
    assert retire("duty.study", later + timedelta(days=1)) == 1


def test_an_archive_is_sealed_and_an_altered_one_is_told(db, monkeypatch):
    digest = archives.write([b'{"a":1}'])
    assert [*archives.read(digest)] == [{"a": 1}]
    from quancheng.kernel.files.store import store

    with store().open(digest) as file:
        raw = file.read()
    assert b'"a"' not in raw
    from quancheng.kernel.vault import services as vault

    with pytest.raises(Unreadable):
        vault.open_bytes(archives.KIND, raw[:-1] + bytes([raw[-1] ^ 1]))


# Accounts -------------------------------------------------------------------------------------------------------------


def test_an_account_is_anonymised_five_years_after_its_end_and_not_while_it_has_a_place(db):
    place = make_member(make_org(), "town.officer", name="甲某", username="jia", password="Qc-demo-2026!")
    free = create_user(actor=house_actor(), username="yi", name="乙某", password=None, now=NOW)
    for user in (place.user, free):
        accounts.set_phone(actor=house_actor(), user_id=user.pk, phone=f"1380000{user.pk.int % 9000 + 1000}", now=NOW)
        accounts.set_active(actor=house_actor(), user=user, active=False, now=NOW)
    six_years = NOW + timedelta(days=6 * 366)
    assert retire("people.user", NOW + timedelta(days=4 * 366)) == 0
    assert retire("people.user", six_years) == 1
    free.refresh_from_db()
    assert (free.name, free.phone, free.phone_index, free.has_usable_password()) == ("已注销用户", "", None, False)
    assert "yi" not in free.username
    assert User.objects.get(pk=place.user_id).name == "甲某"
    Membership.objects.update(valid_to=NOW)
    assert retire("people.user", six_years) == 1
    assert retire("people.user", six_years) == 0


def test_an_open_session_is_never_retired(db):
    place = make_member(make_org(), "town.officer")
    signed_in(place, now=NOW)
    assert retire("people.sign_in", NOW + timedelta(days=3650)) == 0
    SignIn.objects.update(ended_at=NOW, ended_why="idle")
    assert retire("people.sign_in", NOW + timedelta(days=3650)) == 1


def test_the_nightly_job_runs_each_rule_by_itself(db):
    from quancheng.kernel.retention.jobs import run_rule

    SignInAttempt.objects.create(address="127.0.0.1", at=timezone.now() - timedelta(days=31))
    run_rule(code="people.sign_in_attempt")
    run_rule(code="a.rule.of.yesterday")
    assert not SignInAttempt.objects.exists()

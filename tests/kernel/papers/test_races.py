"""Several at once: one wins, the others are told, no number is lost or given twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from tests.factories import NOW, District, make_actor, make_district
from tests.kernel.ladder.factories import make_item
from tests.kernel.papers.factories import make_signed, make_signing

from quancheng.kernel.errors import DomainError
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.ladder.services.deciding import sign_escalation
from quancheng.kernel.ladder.services.reminding import remind
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.numbering.queries import gaps
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services import serving
from quancheng.kernel.papers.services.signing import sign_paper
from quancheng.kernel.work.models import WorkItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(*acts: Callable[[], Any]) -> tuple[list[Any], list[Exception]]:
    """Run acts in threads of their own that begin together: what they returned, and what they raised."""
    start = threading.Barrier(len(acts))
    done: list[Any] = []
    failed: list[Exception] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=30)
            done.append(act())
        except DomainError as refusal:
            failed.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    assert len(done) + len(failed) == len(acts), "a thread died of something unexpected"
    return done, failed


def signer(district: District, paper: Paper) -> Callable[[], Paper]:
    own = Paper.objects.get(pk=paper.pk)
    return lambda: sign_paper(actor=district.director, paper=own, now=NOW)


def test_of_two_signers_of_one_paper_one_wins_and_one_number_is_given() -> None:
    district = make_district()
    paper = make_signing(district)
    done, failed = at_once(*(signer(district, paper) for _number in range(4)))
    assert (len(done), len(failed)) == (1, 3)
    assert all("已签发" in str(one) for one in failed)
    assert IssuedNumber.objects.count() == Service.objects.count() == 1


def test_ten_papers_signed_at_once_get_ten_numbers_without_a_gap() -> None:
    district = make_district()
    papers = [make_signing(district) for _number in range(10)]
    done, failed = at_once(*(signer(district, paper) for paper in papers))
    assert (len(done), failed) == (10, [])
    assert gaps(organisation_id=district.office_org.pk, kind="papers.urging", year=2026) == []
    assert sorted(IssuedNumber.objects.values_list("number", flat=True)) == list(range(1, 11))


def test_the_last_two_receipts_at_once_close_the_paper() -> None:
    district = make_district()
    paper = make_signed(district, district.department_org.pk, district.town_org.pk, template="notice", title="通知")
    serving.send_all(actor=district.officer, paper=paper, now=NOW)
    acts = []
    for actor in (district.department, district.town):
        service = Service.objects.get(org_id=actor.organisation_id)
        acts.append(
            lambda actor=actor, service=service: serving.acknowledge_service(actor=actor, service=service, now=NOW)
        )
    assert at_once(*acts)[1] == []
    paper.refresh_from_db()
    assert paper.status == "CLOSED"
    assert not WorkItem.objects.filter(subject_id=paper.pk, done_at__isnull=True).exists()


def test_two_clocks_propose_once_and_remind_once() -> None:
    district = make_district()
    for _number in range(5):
        make_item(district, due_in_days=-3)
        make_item(district, due_in_days=3)
    done, failed = at_once(*(lambda: climb(now=NOW).proposed for _number in range(3)))
    assert (sum(done), failed) == (5, [])
    assert Escalation.objects.count() == 5
    reminded, _failed = at_once(*(lambda: remind(now=NOW) for _number in range(3)))
    assert sorted(reminded) == [0, 0, 5]
    assert Notice.objects.filter(kind="work.due").count() == 2


def test_two_directors_signing_one_proposal_make_one_paper() -> None:
    district = make_district()
    second = make_actor(district.office_org, "office.director")
    make_item(district, due_in_days=-3)
    climb(now=NOW)
    rows = [Escalation.objects.get(), Escalation.objects.get()]
    done, failed = at_once(
        lambda: sign_escalation(actor=district.director, escalation=rows[0], now=NOW),
        lambda: sign_escalation(actor=second, escalation=rows[1], now=NOW),
    )
    assert (len(done), len(failed)) == (1, 1)
    assert Paper.objects.count() == IssuedNumber.objects.count() == 1


def test_a_signature_that_dies_before_its_commit_leaves_neither_number_nor_trace() -> None:
    district = make_district()
    paper = make_signing(district)
    entries = JournalEntry.objects.count()

    class Killed(Exception):
        pass

    def sign_and_die() -> None:
        with transaction.atomic():
            sign_paper(actor=district.director, paper=Paper.objects.get(pk=paper.pk), now=NOW)
            raise Killed

    with pytest.raises(Killed):
        sign_and_die()
    paper.refresh_from_db()
    assert (paper.status, IssuedNumber.objects.count(), Service.objects.count()) == ("SIGNING", 0, 0)
    assert JournalEntry.objects.count() == entries
    sign_paper(actor=district.director, paper=paper, now=NOW)
    assert paper.number_text == "示安办督〔2026〕1号"

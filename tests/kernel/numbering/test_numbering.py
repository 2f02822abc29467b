"""Numbers: gapless per organisation, kind and year, also when many sign at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOW, make_actor, make_area, make_district, make_org

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.numbering import kinds, queries, services
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.people.models import Organisation

ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.declare_kind("test.letter", "督促函", word="督")
    kinds.declare_kind("test.case", "案号", pattern="{word}罚{year}-{number:04}")


def take(org: Organisation, kind: str = "test.letter", **given_: object) -> IssuedNumber:
    facts = {"subject_type": "test.row", "subject_id": uuid7(), "now": NOW, **given_}
    with transaction.atomic():
        return services.take_number(actor=ACTOR, organisation=org, kind=kind, **facts)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_numbers_run_from_one_per_organisation_kind_and_year() -> None:
    office, bureau = make_org(kind="office", word="示安办"), make_org(word="示应急")
    assert [take(office).text for _n in range(2)] == ["示安办督〔2026〕1号", "示安办督〔2026〕2号"]
    assert take(office, "test.case").text == "示安办罚2026-0001"
    assert take(bureau).text == "示应急督〔2026〕1号"
    assert take(office, year=2027).text == "示安办督〔2027〕1号"
    assert JournalEntry.objects.filter(act="numbering.number.take").count() == 5


@pytest.mark.django_db
def test_the_year_is_the_districts_not_greenwichs() -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert take(make_org(word="示安办"), now=new_year).text == "示安办督〔2027〕1号"


@pytest.mark.django_db
def test_a_row_keeps_its_number_also_when_it_is_void() -> None:
    org, row = make_org(word="示安办"), uuid7()
    first = take(org, subject_id=row)
    assert take(org, subject_id=row).pk == first.pk
    whose = {"kind": "test.letter", "subject_type": "test.row", "subject_id": row}
    with pytest.raises(Invalid):
        services.void_number(actor=ACTOR, reason=" ", now=NOW, **whose)  # type: ignore[arg-type]
    void = services.void_number(actor=ACTOR, reason="主送单位有误", now=NOW, **whose)  # type: ignore[arg-type]
    assert (void.text, void.void_at) == (first.text, NOW)
    with pytest.raises(StaleState):
        services.void_number(actor=ACTOR, reason="再次", now=NOW, **whose)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        services.void_number(actor=ACTOR, reason="无", now=NOW, **{**whose, "subject_id": uuid7()})  # type: ignore[arg-type]
    assert take(org).number == 2


@pytest.mark.django_db
def test_a_number_whose_act_fails_is_given_again() -> None:
    org = make_org(word="示安办")
    take(org)

    def act() -> None:
        with transaction.atomic():
            assert take(org).number == 2
            raise ValueError("the act fails")

    with pytest.raises(ValueError, match="the act fails"):
        act()
    assert take(org).number == 2


@pytest.mark.django_db(transaction=True)
def test_a_number_outside_a_transaction_is_refused() -> None:
    org = make_org(word="示安办")
    with pytest.raises(RuntimeError, match="transaction"):
        services.take_number(
            actor=ACTOR, organisation=org, kind="test.letter", subject_type="x", subject_id=uuid7(), now=NOW
        )


@pytest.mark.django_db(transaction=True)
def test_forty_signatures_at_once_give_forty_numbers_without_a_gap() -> None:
    org = make_org(word="示安办", area=make_area())
    start, failures = threading.Barrier(8), []

    def sign(worker: int) -> None:
        try:
            start.wait(20)
            for turn in range(6):
                try:
                    with transaction.atomic():
                        take(org)
                        if turn == 3:
                            raise ValueError("one in six fails after taking its number")
                except ValueError:
                    pass
        except BaseException as failure:  # noqa: BLE001 - told by the test below
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert sorted(IssuedNumber.objects.values_list("number", flat=True)) == list(range(1, 41))
    assert queries.gaps(organisation_id=org.pk, kind="test.letter", year=2026) == []


@pytest.mark.django_db
def test_an_organisation_writes_its_numbers_its_own_way_from_then_on() -> None:
    district = make_district()
    org = district.office_org
    old = take(org)
    told = {"organisation": org, "kind": "test.letter", "word": "督办", "now": NOW}
    with pytest.raises(NotPermitted):
        services.set_pattern(actor=make_actor(org, "office.officer"), pattern="{year}{number}", **told)  # type: ignore[arg-type]
    for wrong in ("{word}{number}", "{year}", "{year}{number}{name}", "{year}{number}{", "{0}{year}{number}"):
        with pytest.raises(Invalid):
            services.set_pattern(actor=district.director, pattern=wrong, **told)  # type: ignore[arg-type]
    services.set_pattern(actor=district.director, pattern="{word}{kind}[{year}]{number:03}", **told)  # type: ignore[arg-type]
    assert take(org).text == "示安办督办[2026]002"
    old.refresh_from_db()
    assert old.text == "示安办督〔2026〕1号"


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from([kinds.PAPER, "{word}{year}-{number:04}"]))
def test_two_numbers_never_read_alike(one: int, other: int, pattern: str) -> None:
    facts = {"word": "示安办", "kind": "督", "year": 2026}
    same = kinds.write(pattern, number=one, **facts) == kinds.write(pattern, number=other, **facts)  # type: ignore[arg-type]
    assert same == (one == other)

"""Generating: once per rule, period and organisation, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from tests.factories import NOW, District, make_district, make_org

from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.services.drafts import DraftSpec, create_draft
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.services import create_group
from quancheng.kernel.schedule import queries
from quancheng.kernel.schedule.generators import register_generator, unregister_generator
from quancheng.kernel.schedule.models import Occurrence, RecurringRule
from quancheng.kernel.schedule.recurrence import Period
from quancheng.kernel.schedule.services import (
    RuleSpec,
    bind_organisation,
    create_rule,
    end_rule,
    generate,
    set_rule_active,
    unbind_organisation,
)

KIND = "test.letter"
DRAFTER = "papers.draft"


@pytest.fixture(autouse=True)
def generator() -> Iterator[list[tuple[str, date]]]:
    """Rows of the kind are drafts of letters to the organisation."""
    from quancheng.kernel.access.actor import system_actor

    made: list[tuple[str, date]] = []

    def make(rule: RecurringRule, period: Period, owner: Organisation, due_date: date, now: datetime) -> Paper:
        made.append((period.key, due_date))
        spec = DraftSpec(template="notice", title=f"{owner.name}{period.key}", body="请报送。", addressees=[owner.pk])
        return create_draft(actor=system_actor("test", DRAFTER), spec=spec, owner=rule.owner_org_id, now=now)

    register_generator(KIND, make)
    yield made
    unregister_generator(KIND)


def make_rule(district: District, **given: Any) -> RecurringRule:
    """The department, by the 20th of every month from October 2026 on."""
    fields: dict[str, Any] = {
        "code": "monthly-report",
        "name": "每月进展",
        "generator": KIND,
        "recurrence": "monthly",
        "figures": {"day": 20},
        "first_day": date(2026, 10, 1),
        "organisations": [district.department_org.pk],
        **given,
    }
    return create_rule(actor=district.director, spec=RuleSpec(**fields), now=NOW)


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 1, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_monthly_duty_arises_by_itself_due_on_the_twentieth(generator: list[tuple[str, date]]) -> None:
    """Each month one row arises for the unit, due on the 20th, and no second one."""
    make_rule(make_district())
    assert generate(now=at(9, 30)) == 0
    assert generate(now=at(10, 1)) == 1
    assert generate(now=at(10, 19)) == 0
    assert generate(now=at(11, 1)) == 1
    assert generator == [("2026-10", date(2026, 10, 20)), ("2026-11", date(2026, 11, 20))]


@pytest.mark.django_db
def test_who_is_bound_no_more_owes_nothing_further_and_may_be_bound_again(generator: list[tuple[str, date]]) -> None:
    district = make_district()
    rule = make_rule(district)
    org = district.department_org.pk
    assert generate(now=at(10, 1)) == 1
    unbind_organisation(actor=district.director, rule=rule, organisation_id=org, now=at(10, 2))
    unbind_organisation(actor=district.director, rule=rule, organisation_id=org, now=at(10, 2))
    assert generate(now=at(11, 1)) == 0
    assert Occurrence.objects.filter(rule=rule).count() == 1
    bind_organisation(actor=district.director, rule=rule, organisation_id=org, now=at(11, 2))
    assert generate(now=at(11, 2)) == 1


@pytest.mark.django_db
def test_a_quarterly_duty_is_due_on_the_twentieth_of_the_quarters_last_month(
    generator: list[tuple[str, date]],
) -> None:
    """Quarterly duties arise for months 3, 6, 9 and 12."""
    figures = {"day": 20, "months": [3, 6, 9, 12]}
    make_rule(make_district(), recurrence="quarterly", figures=figures)
    generate(now=at(12, 31, 2027))
    assert [due for _key, due in generator] == [
        date(2026, 12, 20), date(2027, 3, 20), date(2027, 6, 20), date(2027, 9, 20), date(2027, 12, 20),
    ]  # fmt: skip


@pytest.mark.django_db
def test_after_an_outage_every_missed_period_is_made_as_what_it_is(generator: list[tuple[str, date]]) -> None:
    make_rule(make_district())
    assert generate(now=at(2, 5, 2027)) == 5
    found = Occurrence.objects.order_by("due_date")
    assert [(one.period, one.is_caught_up) for one in found] == [
        ("2026-10", True), ("2026-11", True), ("2026-12", True), ("2027-01", True), ("2027-02", False),
    ]  # fmt: skip
    assert generate(now=at(2, 5, 2027)) == 0


@pytest.mark.django_db
def test_a_group_binds_who_belongs_to_it_then_and_nobody_for_what_was_due_before_him(
    generator: list[tuple[str, date]],
) -> None:
    district = make_district()
    from tests.factories import house_actor

    group = create_group(actor=house_actor(), name="各街道办事处", kinds=["town"], now=NOW)
    make_rule(district, group=group.pk, organisations=[])
    assert generate(now=at(10, 1)) == 2
    new = make_org("丙街道办事处", kind="town", area=district.area)
    Organisation.objects.filter(pk=new.pk).update(created_at=at(11, 25))
    assert generate(now=at(12, 1)) == 5
    assert list(Occurrence.objects.filter(org=new).values_list("period", flat=True)) == ["2026-12"]


@pytest.mark.django_db
def test_the_due_day_is_moved_before_a_holiday_only_where_the_rule_says_so(generator: list[tuple[str, date]]) -> None:
    district = make_district()
    make_rule(district)
    make_rule(district, code="moved", adjust="previous_working")
    generate(now=at(12, 1))
    sundays = {one.rule.code: one.due_date for one in Occurrence.objects.filter(period="2026-12")}
    assert sundays == {"monthly-report": date(2026, 12, 20), "moved": date(2026, 12, 18)}


@pytest.mark.django_db
def test_a_failing_generator_leaves_nothing_behind_and_is_asked_again() -> None:
    district = make_district()
    rule = make_rule(district)
    unregister_generator(KIND)
    attempts: list[str] = []

    def broken(*args: Any) -> Paper:
        attempts.append("once")
        raise Invalid

    register_generator(KIND, broken)
    for _round in range(2):
        with pytest.raises(Invalid):
            generate(now=at(10, 1))
    assert (len(attempts), Occurrence.objects.filter(rule=rule).count()) == (2, 0)


@pytest.mark.django_db
def test_pausing_and_ending_stop_what_comes_after(generator: list[tuple[str, date]]) -> None:
    district = make_district()
    rule = make_rule(district)
    with pytest.raises(NotPermitted):
        set_rule_active(actor=district.department, rule=rule, active=False, now=NOW)
    set_rule_active(actor=district.director, rule=rule, active=False, now=NOW)
    assert generate(now=at(10, 1)) == 0
    set_rule_active(actor=district.director, rule=rule, active=True, now=NOW)
    end_rule(actor=district.director, rule=rule, last_day=date(2026, 11, 30), now=NOW)
    assert generate(now=at(3, 1, 2027)) == 2


@pytest.mark.django_db
def test_a_rule_that_ends_before_it_begins_makes_nothing(generator: list[tuple[str, date]]) -> None:
    district = make_district()
    rule = make_rule(district)
    ended = end_rule(actor=district.director, rule=rule, last_day=date(2026, 9, 10), now=NOW)
    assert (ended.is_active, ended.last_day) == (False, date(2026, 10, 1))
    single = make_rule(district, code="single", recurrence="dates", figures={"dates": ["2026-10-01"]})
    end_rule(actor=district.director, rule=single, last_day=date(2026, 9, 10), now=NOW)
    assert generate(now=at(3, 1, 2027)) == 0


@pytest.mark.django_db
def test_an_unsound_rule_is_refused_beside_its_fields() -> None:
    district = make_district()
    for given, field in (
        ({"figures": {"day": 40}}, "figures"),
        ({"last_day": date(2026, 9, 1)}, "last_day"),
        ({"generator": "nobody.knows"}, "generator"),
        ({"organisations": []}, "organisations"),
        ({"name": " "}, "name"),
    ):
        with pytest.raises(Invalid) as refusal:
            make_rule(district, **given)
        assert list(refusal.value.fields) == [field]
    make_rule(district)
    with pytest.raises(Conflict):
        make_rule(district)
    assert queries.list_rules(actor=district.director).count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_make_one_row_each() -> None:
    district = make_district()
    make_rule(district)
    start, made = threading.Barrier(4), []

    def run() -> None:
        try:
            start.wait(timeout=30)
            made.append(generate(now=at(12, 1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sum(made) == 3
    assert Occurrence.objects.count() == Paper.objects.count() == 3
    assert not Occurrence.objects.filter(subject_id=None).exists()


@pytest.mark.django_db
def test_a_daily_rule_skips_days_off_and_makes_up_no_more_than_a_month(generator: list[tuple[str, date]]) -> None:
    district = make_district()
    make_rule(
        district, recurrence="daily", figures={"days": 1, "anchor": "2026-09-08"}, first_day=date(2026, 9, 8),
        adjust="skip",
    )  # fmt: skip
    # The 12th and 13th are a Saturday and a Sunday; the day to come is not made yet.
    assert generate(now=at(9, 14)) == 5
    assert [key for key, _due in generator] == [f"2026-09-{day:02}" for day in (8, 9, 10, 11, 14)]
    assert generate(now=at(9, 14)) == 0
    generator.clear()
    generate(now=at(12, 31))
    assert min(due for _key, due in generator) == date(2026, 11, 30)

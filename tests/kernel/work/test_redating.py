"""A deadline over a year that nobody entered is said to be a guess, and set anew when the year is entered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from tests.domains.duty.test_problems import make_problem
from tests.factories import NOW, District, client_of, make_district, make_member
from tests.kernel.calendar.test_calendar import SOURCE, week_off

from quancheng.kernel.calendar.services import DayOff, import_year, remove_year
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import Role
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.redating import fill_assumptions, redate_items

pytestmark = pytest.mark.django_db
#: A Thursday; three working days later the year 2027 has begun, which does not ship.
YEARS_END = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def item(district: District, monkeypatch: pytest.MonkeyPatch) -> WorkItem:
    """A step of three working days, entered on the last day of 2026."""
    monkeypatch.setattr("tests.domains.duty.test_problems.NOW", YEARS_END)
    return WorkItem.objects.get(subject_id=make_problem(district).pk)


def enter(district: District, *more: DayOff) -> None:
    import_year(actor=district.director, year=2027, days=[*week_off(2027), *more], source=SOURCE, now=YEARS_END)


def local(item: WorkItem) -> date:
    assert item.due_at is not None
    return (item.due_at + timedelta(hours=8)).date()


def test_a_guess_is_kept_with_the_item_and_said_beside_the_deadline(district: District, item: WorkItem) -> None:
    assert item.assumed_years == [2027]
    assert local(item) == date(2027, 1, 5), "1, 4 and 5 January by the week alone"
    sentence = "2027年放假安排尚未录入，按周末推算"
    client = client_of(district.director)
    for url in ("/", reverse("web:inbox"), reverse("duty:problem", args=[item.subject_id])):
        assert sentence in client.get(url).content.decode(), url
    assert client.get(f"/api/v1/work/items/{item.pk}").json()["assumed_years"] == [2027]


def test_a_deadline_within_a_known_year_is_no_guess(district: District) -> None:
    assert WorkItem.objects.get(subject_id=make_problem(district).pk).assumed_years == []


def test_a_later_date_is_taken_over_told_journaled_and_set_once(district: District, item: WorkItem) -> None:
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"))
    assert redate_items(now=YEARS_END) == 1
    item.refresh_from_db()
    assert (local(item), item.assumed_years) == (date(2027, 1, 6), [])
    assert JournalEntry.objects.get(act="work.item.redate").subject_id == item.subject_id
    notice = Notice.objects.get(kind="work.redated", user_id=district.director.user_id)
    assert "2027-01-05 → 2027-01-06" in notice.data["lines"][0]["title"]
    page = client_of(district.director).get(reverse("duty:problem", args=[item.subject_id])).content.decode()
    assert "放假安排变动后更正期限" in page
    assert redate_items(now=YEARS_END) == 0


def test_a_year_that_is_changed_or_taken_back_sets_its_deadlines_anew(district: District, item: WorkItem) -> None:
    beside = WorkItem.objects.get(subject_id=make_problem(district, title="另一件").pk)
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"))
    redate_items(now=YEARS_END, year=2027)
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"), DayOff(date(2027, 1, 4), False, "元旦"))
    assert redate_items(now=YEARS_END) == 0, "nothing is guessed"
    assert redate_items(now=YEARS_END, year=2026) == 0, "nothing is known otherwise of that year"
    assert redate_items(now=YEARS_END, year=2027) == 2
    item.refresh_from_db()
    assert (local(item), item.assumed_years) == (date(2027, 1, 7), [])
    remove_year(actor=district.director, year=2027, now=YEARS_END)
    assert redate_items(now=YEARS_END, year=2027) == 2
    for each in (item, beside):
        each.refresh_from_db()
        assert (local(each), each.assumed_years) == (date(2027, 1, 5), [2027])
    assert JournalEntry.objects.filter(act="work.item.redate").latest("at").facts["years"] == [2027]


def test_the_chief_is_told_where_nobody_holds_the_duty_any_more(district: District, item: WorkItem) -> None:
    taker, chief = (make_member(district.office_org, role) for role in ("office.officer", "office.director"))
    WorkItem.objects.filter(pk=item.pk).update(person=taker.user)
    for role in Role.objects.filter(duties__contains=[item.duty]):
        role.duties.remove(item.duty)
        role.save()
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"))
    assert redate_items(now=YEARS_END) == 1
    told = set(Notice.objects.filter(kind="work.redated").values_list("user_id", flat=True))
    assert chief.user_id in told
    assert taker.user_id not in told


def test_an_item_of_a_domain_that_is_gone_holds_up_no_other(district: District, item: WorkItem) -> None:
    gone = WorkItem.objects.get(subject_id=make_problem(district).pk)
    WorkItem.objects.filter(pk=gone.pk).update(
        loop_code="gone.loop", entered_at=NOW, assumed_years=[2027], due_at=item.due_at
    )
    # Whichever comes first.
    other = WorkItem.objects.get(subject_id=make_problem(district).pk)
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"))
    assert redate_items(now=YEARS_END) == 2
    for each in (item, other):
        each.refresh_from_db()
        assert local(each) == date(2027, 1, 6)
    gone.refresh_from_db()
    assert (gone.due_at, gone.assumed_years) == (other.due_at - timedelta(days=1), [2027])  # type: ignore[operator]


def test_an_earlier_date_is_told_too_and_never_makes_anybody_late_at_once(district: District, item: WorkItem) -> None:
    # Worked to make up on a Saturday and a Sunday: the third working day is the 3rd, not the 5th.
    enter(district, DayOff(date(2027, 1, 2), True, "元旦"), DayOff(date(2027, 1, 3), True, "元旦"))
    WorkItem.objects.filter(pk=item.pk).update(assumed_years=[2027])
    assert redate_items(now=datetime(2027, 1, 4, 1, 0, tzinfo=UTC)) == 0, "not before the end of the next working day"
    WorkItem.objects.filter(pk=item.pk).update(assumed_years=[2027])
    assert redate_items(now=YEARS_END) == 1
    item.refresh_from_db()
    assert local(item) == date(2027, 1, 3)
    assert Notice.objects.filter(kind="work.redated").exists()


def test_an_item_older_than_the_keeping_of_guesses_says_its_own_once_asked(district: District, item: WorkItem) -> None:
    known = WorkItem.objects.get(subject_id=make_problem(district).pk)
    WorkItem.objects.filter(pk=known.pk).update(entered_at=NOW, due_at=NOW + timedelta(days=3))
    WorkItem.objects.update(assumed_years=[])
    assert fill_assumptions() == 1
    due_at = item.due_at
    for each in (item, known):
        each.refresh_from_db()
    assert (item.due_at, item.assumed_years, known.assumed_years) == (due_at, [2027], [])
    assert fill_assumptions() == 0
    enter(district, DayOff(date(2027, 1, 1), False, "元旦"))
    assert redate_items(now=YEARS_END) == 1
    item.refresh_from_db()
    assert local(item) == date(2027, 1, 6)


def test_a_guess_that_proves_right_stays_without_a_word(district: District, item: WorkItem) -> None:
    enter(district)
    assert redate_items(now=YEARS_END) == 0
    item.refresh_from_db()
    assert (local(item), item.assumed_years) == (date(2027, 1, 5), [])
    assert not Notice.objects.filter(kind="work.redated").exists()
    assert NOW < YEARS_END


def test_entering_a_year_queues_the_job_in_its_transaction(district: District, item: WorkItem) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    enter(district)
    waiting = ProcrastinateJob.objects.filter(task_name="work.redate", status="todo")
    assert [job.args for job in waiting] == [{"year": 2027}]
    remove_year(actor=district.director, year=2027, now=YEARS_END)
    assert waiting.count() == 1, "one that waits is enough"

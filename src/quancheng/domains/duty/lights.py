"""Task lights (任务灯) from facts alone: green on time, yellow near or behind, red overdue; nobody types a colour.

The rules are a design default (the ``LightRule`` values); the light is an expression, so that lists filter and count
by it in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, F, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text

GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "grey"
#: Of a task of whose work the reader may see nothing; no assignment has it.
UNSEEN = "unseen"
LABELS: dict[str, Text] = {
    GREEN: _("正常"),
    YELLOW: _("临期或滞后"),
    RED: _("超期"),
    GREY: _("已取消"),
    UNSEEN: _("看不到承办情况"),
}


@dataclass(frozen=True, slots=True)
class LightRule:
    """When a light turns yellow: so many days before the deadline, so many points behind plan, so many days silent."""

    near_days: int = 7
    behind_points: int = 10
    silent_days: int = 35


DEFAULT_RULE = LightRule()


def light_case(*, now: datetime, rule: LightRule = DEFAULT_RULE) -> Case:
    """The light of an assignment row as an expression over its columns.

    Red: open and past its deadline or its review date. Yellow: the deadline is near, the reported progress lies
    behind the share of time that has passed, or nothing was reported for more than a month. Done work is green.
    """
    today = Calendar().local_date(now)
    open_ = ~Q(status__in=("DONE", "CANCELLED"))
    silent = now - timedelta(days=rule.silent_days)
    return Case(
        When(status="CANCELLED", then=Value(GREY)),
        When(status="DONE", then=Value(GREEN)),
        When(open_ & Q(due_date__lt=today) & ~Q(status="CONTINUING"), then=Value(RED)),
        When(Q(status="CONTINUING", review_date__lt=today), then=Value(RED)),
        When(
            Q(status__in=("ASSIGNED", "DECLINED", "IN_PROGRESS"), due_date__lte=today + timedelta(days=rule.near_days)),
            then=Value(YELLOW),
        ),
        When(_behind(today, rule), then=Value(YELLOW)),
        When(Q(status__in=("IN_PROGRESS", "CONTINUING")) & _silent_since(silent), then=Value(YELLOW)),
        default=Value(GREEN),
        output_field=CharField(),
    )


def _silent_since(moment: datetime) -> Q:
    return Q(last_report_at__lt=moment) | Q(last_report_at__isnull=True, created_at__lt=moment)


def _behind(today: date, rule: LightRule) -> Q:
    """Reported progress lies more than ``behind_points`` below the share of days that have passed."""
    passed = _days(Value(today), F("start_date")) * 100
    whole = _days(F("due_date"), F("start_date"))
    return Q(
        status="IN_PROGRESS",
        due_date__gt=F("start_date"),
        progress__lt=passed / whole - rule.behind_points,
    )


def _days(later: Combinable, earlier: Combinable) -> Combinable:
    """Whole days between two dates; PostgreSQL gives an integer for date - date."""
    return Cast(later, output_field=_AsDate()) - Cast(earlier, output_field=_AsDate())


class _AsDate(IntegerField):
    """A date that takes part in integer arithmetic: PostgreSQL's own date - date is a number of days."""

    def db_type(self, connection: object) -> str:
        return "date"

    def cast_db_type(self, connection: object) -> str:
        return "date"

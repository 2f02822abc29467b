"""Post coverage (岗位覆盖率): whether every post screens, and everybody who holds one, in a month, quarter or year.

What counts, for list, page, rows and REST alike [D]: a post that stood in the period; a task of the post that stood in
it, those of special periods left out; a record of the post made within it in time, at which something was looked at;
a person who held such a post in it and made such a record at the enterprise, whosever task it was.
"""

from __future__ import annotations

import re
import uuid
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from quancheng.domains.hazards.models import CheckRecord, CheckStatus, CheckTask
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import keys_seen, seen
from quancheng.domains.risk.models import Post, PostPerson
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound

_TEXT = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
_EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """A month, quarter or year, both days included; ``code`` names it in addresses: ``2026-09``, ``2026-Q3``, ``2026``.
    """

    code: str
    first: date
    last: date

    @property
    def begin(self) -> datetime:
        return Calendar().start_of(self.first)

    @property
    def end(self) -> datetime:
        """Until before it."""
        return Calendar().start_of(self.last + timedelta(days=1))


def period_of(code: str, *, today: date) -> Period:
    """The period of a code; the running month where none is given. ValueError: no period, or one to come."""
    code = code or f"{today:%Y-%m}"
    found = _TEXT.fullmatch(code)
    if found is None or int(found[1]) < _EARLIEST:
        raise ValueError(f"no period {code!r}")
    year, quarter, month = int(found[1]), found[2], found[3]
    months = (int(month),) * 2 if month else (int(quarter) * 3 - 2, int(quarter) * 3) if quarter else (1, 12)
    first = date(year, months[0], 1)
    if first > today:
        raise ValueError(f"{code!r} has not begun")
    return Period(code, first, date(year, months[1], monthrange(year, months[1])[1]))


def _posts(period: Period) -> QuerySet[Post]:
    standing = Q(ended_date__isnull=True) | Q(ended_date__gte=period.first)
    return Post.objects.filter(standing, created_at__lt=period.end)


def _tasks(period: Period) -> QuerySet[CheckTask]:
    standing = Q(ended_date__isnull=True) | Q(ended_date__gte=period.first)
    return CheckTask.objects.filter(standing, starts_at__lt=period.end, period="")


def _records(period: Period) -> QuerySet[CheckRecord]:
    made = CheckRecord.objects.filter(at__gte=period.begin, at__lt=period.end, is_late=False)
    return made.exclude(status=CheckStatus.NOT_CHECKED)


def _holders(period: Period) -> QuerySet[PostPerson]:
    there = Q(until_date__isnull=True) | Q(until_date__gte=period.first)
    return PostPerson.objects.filter(there, since_date__lte=period.last, post__in=_posts(period).values("pk"))


def _number(rows: QuerySet[Any], group: str, counted: str = "pk") -> Any:
    found = rows.order_by().values(group).annotate(number=Count(counted, distinct=True)).values("number")
    return Coalesce(Subquery(found), 0)


def _share(part: str, whole: str) -> Any:
    """Percent, for sorting; nothing where there is no whole."""
    return Cast(F(part), FloatField()) * 100.0 / NullIf(F(whole), 0)


def with_counts(rows: QuerySet[Enterprise], period: Period) -> QuerySet[Enterprise]:
    """Files with ``posts``, how many have a task (``tasked``) and a record (``recorded``), ``persons``, and how many of
    them recorded (``active``); ``task_share``, ``record_share`` and ``person_share`` in percent."""
    own = _posts(period).filter(file=OuterRef("pk"))
    people = _holders(period).filter(post__file=OuterRef("pk"))
    by_post = _records(period).filter(file=OuterRef("file"), post=OuterRef("pk"))
    by_person = _records(period).filter(file=OuterRef("post__file"), person=OuterRef("user"))
    return rows.annotate(
        period_code=Value(period.code), posts_all=_number(own, "file"),
        tasked=_number(own.filter(Exists(_tasks(period).filter(post=OuterRef("pk")))), "file"),
        recorded=_number(own.filter(Exists(by_post)), "file"),
        persons=_number(people, "post__file", "user"),
        active=_number(people.filter(Exists(by_person)), "post__file", "user"),
    ).annotate(
        task_share=_share("tasked", "posts_all"), record_share=_share("recorded", "posts_all"),
        person_share=_share("active", "persons"),
    )  # fmt: skip


def list_files(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, to be counted by :func:`with_counts`."""
    return seen(actor=actor).select_related("enterprise", "area").order_by("pinyin", "pk")


def get_coverage(*, actor: Actor, file_id: uuid.UUID, period: Period) -> Any:
    """One enterprise with its counts. Raise NotFound for absent and for out of scope alike."""
    found = with_counts(list_files(actor=actor), period).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def list_posts(*, actor: Actor) -> QuerySet[Post]:
    """Posts of the enterprises that the actor may see, for :func:`posts_with_counts`."""
    rows = Post.objects.filter(file__in=keys_seen(actor=actor), file__merged_into__isnull=True)
    return rows.select_related("file__enterprise", "file__area").order_by("file__pinyin", "file", "layer", "name", "pk")


def posts_with_counts(rows: QuerySet[Post], period: Period) -> QuerySet[Post]:
    """Those that count in a period, each with ``has_task``, ``has_record`` and ``holders``, the names there now."""
    by_post = _records(period).filter(file=OuterRef("file"), post=OuterRef("pk"))
    there = PostPerson.objects.filter(post=OuterRef("pk"), until_date__isnull=True).order_by("since_date", "pk")
    return rows.filter(pk__in=_posts(period).values("pk")).annotate(
        has_task=Exists(_tasks(period).filter(post=OuterRef("pk"))), has_record=Exists(by_post),
        holders=ArraySubquery(there.values("user__name")),
    )  # fmt: skip


def list_people(*, actor: Actor) -> QuerySet[PostPerson]:
    """Who holds posts at the enterprises that the actor may see, for :func:`people_with_counts`."""
    rows = PostPerson.objects.filter(post__file__in=keys_seen(actor=actor), post__file__merged_into__isnull=True)
    rows = rows.select_related("user", "post__file__enterprise", "post__file__area")
    return rows.order_by("post__file__pinyin", "post__file", "user__pinyin", "pk")


def people_with_counts(rows: QuerySet[PostPerson], period: Period) -> QuerySet[PostPerson]:
    """Each person once an enterprise, with ``post_names`` and ``has_record``."""
    same = _holders(period).filter(user=OuterRef("user"), post__file=OuterRef("post__file"))
    by_person = _records(period).filter(file=OuterRef("post__file"), person=OuterRef("user"))
    return rows.filter(pk=Subquery(same.order_by("pk").values("pk")[:1])).annotate(
        post_names=ArraySubquery(same.order_by("post__name", "pk").values("post__name")), has_record=Exists(by_person),
    )  # fmt: skip

"""What happened to an enterprise, in one stream by time: each source gives the same columns, one query joins them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField, DateField, DateTimeField, F, Func, JSONField, QuerySet, UUIDField, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import (
    Assessment,
    Enterprise,
    Filing,
    HazardCheck,
    Inspection,
    Licence,
    LicenceExit,
    LicenceRenewal,
    MajorHazard,
    Project,
    Reverification,
    Stoppage,
    StorageFinding,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import Text
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.people.models import User

#: Events on a page, and the last one that can be paged to.
PAGE, LAST = 50, 5000
#: What may be asked for, with its word.
GROUPS: dict[str, Text] = {
    "change": _("档案变更"),
    "licence": _("证照"),
    "project": _("建设项目"),
    "assessment": _("辨识分级"),
    "file_filing": _("档案备案"),
    "filing": _("重大危险源备案核查"),
    "storage": _("储存问题"),
    "stoppage": _("停产停用"),
    "reverification": _("设计复核"),
    "quality": _("产品质量检验"),
    "visit": _("督导检查"),
}
#: Loop rows of an enterprise, by group.
_LOOPS: tuple[tuple[str, type[LoopRow]], ...] = (
    ("filing", MajorHazard), ("filing", HazardCheck), ("project", Project), ("licence", LicenceRenewal),
    ("licence", LicenceExit), ("storage", StorageFinding), ("file_filing", Filing), ("stoppage", Stoppage),
    ("reverification", Reverification), ("quality", Inspection),
)  # fmt: skip
_COLUMNS = ("at", "group", "what", "by", "by_user", "more", "subject")
Source = Callable[[Actor, uuid.UUID], "QuerySet[Any, Any]"]
_sources: dict[str, tuple[str, Source]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``group`` is of :data:`GROUPS`; ``what`` and ``more`` are its source's own codes.

    :ivar subject: id of the row it is about, where it has a page.
    """

    at: datetime
    group: str
    what: str
    by: str
    more: Mapping[str, Any]
    subject: uuid.UUID | None


def declare_source(code: str, group: str, source: Source) -> None:
    """A room above adds what it knows; called in its ``ready``. ``source`` takes the enterprise's id and answers by
    :func:`columns`.
    """
    _sources[code] = (group, source)


def columns(rows: QuerySet[Any], *, group: str, **given: Any) -> QuerySet[Any, Any]:
    """The columns of the stream: ``at``, ``what``, ``by`` (text), ``more`` (JSON), ``subject``, ``by_user``."""
    nobody = Value(None, output_field=UUIDField())
    told = {"by": Value(""), "by_user": nobody, "subject": nobody, **given}
    shaped = {
        "event_at": told["at"],
        "event_group": Value(group, output_field=CharField()),
        "event_what": Cast(told["what"], CharField()),
        "event_by": Cast(told["by"], CharField()),
        "event_user": Cast(told["by_user"], UUIDField()),
        "event_more": Cast(told["more"], JSONField()),
        "event_subject": Cast(told["subject"], UUIDField()),
    }
    return rows.order_by().annotate(**shaped).values_list(*shaped)


def on_day(column: str) -> Any:
    """A day as the moment at which it begins in the district."""
    zone = settings.TIME_ZONE.replace("'", "")
    return Func(
        F(column), template=f"((%(expressions)s)::timestamp AT TIME ZONE '{zone}')", output_field=DateTimeField()
    )


def timeline(*, actor: Actor, file: Enterprise, group: str = "", first: int = 0) -> tuple[Sequence[Event], bool]:
    """A page of a file that a query gave, the newest first, and whether more follow. Two queries.

    What a row's own scope hides from the actor is left out. :param group: of :data:`GROUPS`; empty for all.
    """
    wanted = [rows for code, rows in _branches(actor, file) if not group or code == group]
    if not wanted:
        return [], False
    # Each branch gives no more than the page can need; one alone is cut below.
    cut = [rows.order_by("-event_at")[: first + PAGE + 1] for rows in wanted]
    joined = cut[0].union(*cut[1:], all=True) if len(cut) > 1 else wanted[0]
    found = list(joined.order_by("-event_at", "event_subject", "event_what")[first : first + PAGE + 1])
    users = {row[4] for row in found if row[4] is not None and not row[3]}
    names = dict(User.objects.filter(pk__in=users).values_list("pk", "name")) if users else {}
    events = [
        Event(at, code, what, by or names.get(user, ""), more or {}, subject)
        for at, code, what, by, user, more, subject in found[:PAGE]
    ]
    return events, len(found) > PAGE


def _branches(actor: Actor, file: Enterprise) -> list[tuple[str, QuerySet[Any, Any]]]:
    journal = JournalEntry.objects.filter(subject_type=subject_type_of(Enterprise), subject_id=file.pk)
    found = [
        ("change", columns(journal, group="change", at=F("at"), what=F("act"), by=F("system_name"),
                           by_user=F("user_id"), more=F("facts"))),
        ("assessment", columns(
            Assessment.objects.filter(unit__file=file), group="assessment", at=F("at"), what=F("basis"),
            by=F("by_name"), subject=F("pk"),
            more=JSONObject(unit=F("unit__name"), grade=F("grade"), is_held=F("is_held")),
        )),
    ]  # fmt: skip
    licences = Licence.objects.visible_to(actor).filter(file=file)
    named = JSONObject(kind=F("kind"), number=F("number"))
    today = Func(function="CURRENT_DATE", template="%(function)s", output_field=DateField())
    for what, column in (("issued", "issued_date"), ("ends", "valid_to")):
        rows = licences.filter(**{f"{column}__lte": today})
        found.append(("licence", columns(rows, group="licence", at=on_day(column), what=Value(what), more=named,
                                         subject=F("pk"))))  # fmt: skip
    for code, model in _LOOPS:
        mine = model.objects.visible_to(actor).filter(enterprise=file.pk).values("pk")  # type: ignore[attr-defined]
        moves = MoveRecord.objects.filter(subject_type=model.row_type(), subject_id__in=mine)
        found.append((code, columns(
            moves, group=code, at=F("at"), what=Concat("move", Value(">"), "target"), by=F("actor_name"),
            more=JSONObject(loop=F("loop_code"), version=F("loop_version"), given=F("given")), subject=F("subject_id"),
        )))  # fmt: skip
    found += [(code, source(actor, file.pk)) for code, source in _sources.values()]
    return found

"""Noting what a job taught (作业小结), and confirming that it was read before the next."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import LessonPart, LessonReading, Part, Permit, PermitPerson, WorkLesson
from quancheng.domains.permits.queries.lessons import is_over, is_read, lessons_for
from quancheng.domains.permits.queries.permits import REQUEST, SIGN_UNIT, WORK
from quancheng.domains.permits.services.checking import note, require_own, require_state
from quancheng.domains.permits.services.setting import set_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.names import clean

#: Who has no account tells his note to whoever organises the work.
_DUTIES = {LessonPart.LEADER: WORK, LessonPart.GUARDIAN: WORK, LessonPart.UNIT: SIGN_UNIT}
_PARTS = {LessonPart.LEADER: Part.LEADER, LessonPart.GUARDIAN: Part.GUARDIAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What somebody says of a job. One of the three at least."""

    part: str
    went_well: str = ""
    went_wrong: str = ""
    suggestion: str = ""


def note_lesson(
    *, actor: Actor, permit: Permit, told: Lesson, now: datetime, person: PermitPerson | None = None,
    client_id: uuid.UUID | None = None,
) -> WorkLesson:  # fmt: skip
    """Note what the leader, a guardian or the local unit says of a job that is over.

    :param person: which of several guardians; the leader and a single guardian are known.
    :raises StaleState: it is not over. :raises Invalid: by field. :raises NotPermitted: the part is another's.
    """
    duty = _DUTIES.get(LessonPart(told.part)) if told.part in LessonPart.values else None
    if duty is None:
        raise Invalid(fields={"part": _("没有这个选项。")})
    require_own(actor, permit.file, duty)
    if not is_over(permit):
        words = _("作业完工后才能写小结（本系统要求 F-18 作业小结）；作业票现为“%(state)s”。")
        raise StaleState(words % {"state": permit.status_label})
    said = {name: clean(text)[:500] for name, text in asdict(told).items() if name != "part"}
    wrong: dict[str, Text] = {}
    if not any(said.values()):
        wrong["went_well"] = _("做得好的、出现的问题和建议至少填写一项。")
    name = actor.name[:60]
    if told.part in _PARTS:
        people = list(permit.people.filter(part=_PARTS[LessonPart(told.part)]).select_related("person"))
        chosen = [one for one in people if person is None or one.pk == person.pk]
        if not chosen or (person is None and len({one.person_id for one in chosen}) > 1):
            wrong["person"] = _("请选择作业票上的人员。")
        else:
            name = chosen[0].person.name
    if wrong:
        raise Invalid(fields=wrong)
    given = {**permit.scope_columns(), "permit": permit, "part": told.part, "name": name, **said}
    return set_once(
        WorkLesson, actor=actor, act="permits.lesson.note", given={**given, "entered_by": actor.name[:130]},
        facts={"permit": permit.pk, "part": told.part, "number": permit.number}, now=now, client_id=client_id,
        body={"permit": str(permit.pk), "part": told.part, **said},
    )  # fmt: skip


def read_lessons(
    *, actor: Actor, permit: Permit, now: datetime, keys: Collection[uuid.UUID] | None = None
) -> int:
    """Confirm having read the notes that a request shows; answers how many were new.

    :param keys: those that the page showed; None: all that are shown now.
    :raises StaleState: it was asked for already, or another note came since the page was shown.
    """
    require_own(actor, permit.file, REQUEST)
    with transaction.atomic():
        held = Permit.objects.select_for_update(of=("self",), no_key=True).get(pk=permit.pk)
        require_state(held, "DRAFT")
        shown = [one for one in lessons_for(held) if not is_read(one)]
        if keys is not None and {one.pk for one in shown} - set(keys):
            raise StaleState(_("有新的小结，请重新阅读后确认。"))
        LessonReading.objects.bulk_create(
            [LessonReading(permit=held, lesson=one, by_name=actor.name[:130], read_at=now) for one in shown]
        )
        if shown:
            note(actor, "permits.lesson.read", held, now, {"lessons": [str(one.pk) for one in shown]})
    return len(shown)

"""Toolbox talks (班前会): begun by the leader; on his device people sign in by badge and name, and answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Part, Permit, PermitPerson, TalkAttendance, ToolboxTalk
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.queries.talks import drawn_of
from quancheng.domains.permits.services.checking import held, locked, note, require_own, require_state, said
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.talks import Question, questions

#: Minutes to sign in where the enterprise set none [D].
USUAL_MIN = 5
#: A talk is about what was presented: before that hazards, measures, place and level may still change.
HELD_IN = ("APPROVING", "ISSUED", "WORKING", "SUSPENDED")


def begin_talk(
    *, actor: Actor, permit: Permit, now: datetime, client_id: uuid.UUID | None = None
) -> ToolboxTalk:
    """Begin a talk of the day: its topic is drawn from the permit as it stands, and people sign in from now.

    :raises Conflict: it is still being prepared. :raises StaleState: nothing is prepared yet, or the work has ended.
    """
    require_own(actor, permit.file, WORK)
    day = Calendar().local_date(now)
    minutes = parameters_of(permit.file_id, day).talk_min or USUAL_MIN

    def make() -> uuid.UUID:
        row = held(permit.pk)
        if row.status == "PREPARING":
            raise Conflict(
                _("作业票还在准备，内容可能改动（本系统要求 F-09 班前会）：请在提交会签后再开班前会。")
            )
        require_state(row, *HELD_IN)
        topics, asked_of = drawn_of(row)
        made = ToolboxTalk.objects.create(
            permit=permit, seal=row.seal, day=day, topics=topics, asked_of=asked_of, led_by_id=actor.user_id,
            led_by=actor.name[:130], began_at=now, closes_at=now + timedelta(minutes=float(minutes)),
        )  # fmt: skip
        note(actor, "permits.talk.begin", permit, now, {"talk": made.pk})
        return made.pk

    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="permits.talk.begin", body={"permit": str(permit.pk)}, now=now,
            make=make,
        )  # fmt: skip
    return ToolboxTalk.objects.get(pk=pk)


def attend(
    *, actor: Actor, talk: ToolboxTalk, staff_no: str, name: str, now: datetime, client_id: uuid.UUID | None = None
) -> TalkAttendance:
    """Note on the leader's device that somebody of the permit is there, by badge and name; who has no badge by name.

    :raises Invalid: nobody of the permit is called so. :raises Conflict: signed in already, or the talk is over.
    """
    require_own(actor, talk.permit.file, WORK)
    words, badge = clean(name), clean(staff_no)

    def make() -> uuid.UUID:
        if now > talk.closes_at:
            raise Conflict(_("班前会签到时间已过（本系统要求 F-09 班前会）：请为未到的人另开一次班前会。"))
        # Behind the lock nobody signs in twice.
        locked(talk.permit, *HELD_IN)
        people = PermitPerson.objects.filter(permit=talk.permit_id, ended_at__isnull=True, person__name=words)
        here = [one for one in people.select_related("person") if one.person.staff_no in ("", badge)]
        came = set(TalkAttendance.objects.filter(talk=talk).values_list("person__person", flat=True))
        # Of two of one name the one whose badge it is, then who is not there yet. One person may be on it twice, as who
        # leads and works: his row as worker or guardian is asked.
        found = min(
            here, default=None,
            key=lambda one: (
                one.person.staff_no != badge, one.person_id in came, one.part == Part.LEADER, one.number
            ),
        )  # fmt: skip
        if found is None:
            raise Invalid(fields={"name": _("作业票上没有此人，请核对姓名和工号（胸卡号）。")})
        if found.person_id in came:
            raise Conflict(_("此人已签到。"))
        made = TalkAttendance.objects.create(talk=talk, person=found, came_at=now)
        note(actor, "permits.talk.attend", talk.permit, now, {"talk": talk.pk, "person": found.person_id})
        return made.pk

    with transaction.atomic():
        body = {"talk": str(talk.pk), "name": words, "staff_no": badge}
        pk, _new = once(actor=actor, client_id=client_id, act="permits.talk.attend", body=body, now=now, make=make)
    return TalkAttendance.objects.get(pk=pk)


def asked_of(row: TalkAttendance) -> tuple[Question, ...]:
    """The questions of somebody at a talk; after a wrong answer the next ones."""
    told = row.talk.asked_of
    return questions(told["kind"], told["steps"], told["measures"], f"{row.pk}:{row.wrong_count}")


def answer(
    *, actor: Actor, row: TalkAttendance, given: Sequence[int | None], now: datetime, asked: int | None = None,
    client_id: uuid.UUID | None = None,
) -> TalkAttendance:  # fmt: skip
    """Take the answers to both questions, by the number of the option. A wrong one is explained and asked again.

    :param asked: after how many wrong tries these questions were shown; others are asked by now.
    :raises Invalid: by the fields ``answer_0`` and ``answer_1``. :raises Conflict: answered already.
    """
    require_own(actor, row.talk.permit.file, WORK)
    wrong: dict[str, Text] = {}

    def make() -> uuid.UUID:
        came = TalkAttendance.objects.select_for_update(of=("self",)).select_related("talk").get(pk=row.pk)
        if came.passed_at is not None:
            raise Conflict(_("此人已答对，不需重复作答。"))
        if asked is not None and asked != came.wrong_count:
            raise Conflict(_("题目已更换，请按新题目作答。"))
        drawn = asked_of(came)
        # An answer to one alone is no try: what is right is not told while the same is asked still.
        unfit: dict[str, Text] = {}
        chosen = [given[number] if number < len(given) else None for number in range(len(drawn))]
        for number, (one, option) in enumerate(zip(drawn, chosen, strict=True)):
            if option is None or not 0 <= option < len(one.options):
                unfit[f"answer_{number}"] = _("请选择一项。") if option is None else _("没有这个选项。")
        if unfit:
            raise Invalid(fields=unfit)
        for number, (one, option) in enumerate(zip(drawn, chosen, strict=True)):
            if option != one.right:
                wrong[f"answer_{number}"] = _("答错了。“%(question)s”正确的是：%(right)s") % {
                    "question": said(one.text), "right": one.answer
                }  # fmt: skip
        if wrong:
            TalkAttendance.objects.filter(pk=came.pk).update(wrong_count=came.wrong_count + 1)
        else:
            TalkAttendance.objects.filter(pk=came.pk).update(passed_at=now)
            note(actor, "permits.talk.pass", row.talk.permit, now, {"talk": row.talk_id, "wrong": came.wrong_count})
        return came.pk

    with transaction.atomic():
        # A form that was answered wrongly is sent again under its own identifier, with the next answers.
        body = {"row": str(row.pk), "given": list(given), "asked": asked}
        key = None if client_id is None else uuid.uuid5(client_id, f"{asked} {list(given)}")
        _pk, is_new = once(actor=actor, client_id=key, act="permits.talk.answer", body=body, now=now, make=make)
    row.refresh_from_db(fields=["wrong_count", "passed_at"])
    if not is_new and row.passed_at is None:
        raise Conflict(_("题目已更换，请按新题目作答。"))
    if wrong:
        # Told once the count stands: the next questions are others.
        raise Invalid(fields=wrong)
    return row

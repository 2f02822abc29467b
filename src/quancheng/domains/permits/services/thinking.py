"""Stop-and-think cards (停一停): any no stops the work, nobody is blamed, and somebody writes what was done."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import AlarmSource, Permit, PermitPerson, ThinkCard, ThinkItemChange
from quancheng.domains.permits.notices import THOUGHT_NO
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.permits import SIGN_LEADER, VIEW, WORK
from quancheng.domains.permits.queries.talks import Asked, item_changes, items_at, left_at
from quancheng.domains.permits.services.checking import locked, note, one_at_a_time, require_own
from quancheng.domains.permits.services.setting import first_day_faults, set_once
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.working import CLOCK, SUSPENDED_BY, stop, stop_graver
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.endings import RETEST_AFTER

#: States in which work is near, runs or rests.
THOUGHT_IN = ("ISSUED", "WORKING", "SUSPENDED")
#: Questions on the card at most: a longer one is answered without being read [D].
MOST_ITEMS = 12
_LIMITS = {"zh": 200, "en": 200, "clause": 120, "reason": 300}


def answer_card(
    *, actor: Actor, permit: Permit, answers: Mapping[str, bool], now: datetime, note_text: str = "",
    person: PermitPerson | None = None, client_id: uuid.UUID | None = None,
) -> ThinkCard:  # fmt: skip
    """Answer each question with yes or no; whoever of the enterprise sees the permit may. Any no stops running work at
    once, and nothing begins or goes on until the no is settled.

    :param person: who thought, where he is on the permit.
    :raises Invalid: by field: a question without an answer, one that is none, somebody else's person.
    """
    require_own(actor, permit.file, VIEW)
    asked = items_at(now, item_changes(permit.file_id))
    wrong: dict[str, Text] = {
        f"item_{one.code}": _("请逐项回答。") for one in asked if not isinstance(answers.get(one.code), bool)
    }
    if set(answers) - {one.code for one in asked}:
        wrong["answers"] = _("没有这个选项。")
    if person is not None and (person.permit_id != permit.pk or person.ended_at is not None):
        wrong["person"] = _("请选择作业票上的人员。")
    if wrong:
        raise Invalid(fields=wrong)
    said_no = [one for one in asked if not answers[one.code]]
    words = clean(note_text)[:500]

    def make() -> uuid.UUID:
        held = locked(permit, *THOUGHT_IN)
        stops = bool(said_no) and held.status == "WORKING"
        made = ThinkCard.objects.create(
            permit=permit, person=person, is_clear=not said_no, note=words, has_stopped=stops,
            answers=[{"code": one.code, "text": one.text.zh, "is_yes": answers[one.code]} for one in asked],
            by_user_id=actor.user_id, by_name=actor.name[:130], answered_at=now,
        )  # fmt: skip
        note(actor, "permits.think.answer", permit, now, {"card": made.pk, "no": [one.code for one in said_no]})
        if stops:
            stop(held, gravest(said_no), now, _found(said_no), source=AlarmSource.PERSON)
        elif said_no and held.status == "SUSPENDED" and gravest(said_no) in RETEST_AFTER:
            # It rests for less: gas from before this no clears nothing. Nobody is named by it.
            stop_graver(
                actor=CLOCK, permit=held, stop_reason=gravest(said_no), note=_found(said_no), now=now, at=now
            )
        elif said_no:
            tell(THOUGHT_NO, held, now, duty=WORK)
        return made.pk

    body = {"answers": dict(sorted(answers.items())), "note": words, "person": str(person.pk) if person else ""}
    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="permits.think.answer", body={**body, "permit": str(permit.pk)},
            now=now, make=make,
        )  # fmt: skip
    permit.refresh_from_db()
    return ThinkCard.objects.get(pk=pk)


def gravest(said_no: Sequence[Asked]) -> str:
    """Why work stands after several no: what asks for gas anew before anything else, a mere break last."""
    first = min(said_no, key=lambda one: (one.stop_reason not in RETEST_AFTER, one.stop_reason == "BREAK"))
    return first.stop_reason


def _found(said_no: Sequence[Asked]) -> str:
    return "停一停：" + "；".join(f"否——{one.text.zh}" for one in said_no)


def settle_card(
    *, actor: Actor, permit: Permit, card: ThinkCard, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> ThinkCard:
    """Write what was done about a no. Work goes on by its own checks.

    :raises Invalid: no words. :raises Conflict: settled already, or nothing to settle.
    """
    require_own(actor, permit.file, WORK)
    words = clean(text)[:500]
    if not words:
        raise Invalid(fields={"settled_note": _("请填写此项。")})
    told: dict[str, Any] = {"settled_at": now, "settled_by": actor.name[:130], "settled_note": words}

    def make() -> uuid.UUID:
        rows = ThinkCard.objects.filter(pk=card.pk, permit=permit, is_clear=False, settled_at__isnull=True)
        if rows.update(**told) != 1:
            raise Conflict(_("该卡片没有待处理的“否”。"))
        note(actor, "permits.think.settle", permit, now, {"card": card.pk})
        return card.pk

    with transaction.atomic():
        body = {"card": str(card.pk), "text": words}
        once(actor=actor, client_id=client_id, act="permits.think.settle", body=body, now=now, make=make)
    card.refresh_from_db()
    return card


def set_think_item(
    *, actor: Actor, file: Enterprise | None, code: str, is_on: bool, zh: str, stop_reason: str, clause: str,
    valid_from: date, reason: str, now: datetime, en: str = "", client_id: uuid.UUID | None = None,
) -> ThinkItemChange:  # fmt: skip
    """Put a question on the card, write it anew, or take it off from a day on: an enterprise for itself, an office for
    all.

    :raises Invalid: by field; the last question is not taken off.
    """
    if file is not None:
        require_own(actor, file, SIGN_LEADER)
    else:
        actor.require(RULES)
    texts = {"zh": zh, "en": en, "clause": clause, "reason": reason}
    given: dict[str, Any] = {name: clean(text)[: _LIMITS[name]] for name, text in texts.items()}
    given |= {"code": clean(code).upper(), "is_on": is_on, "stop_reason": stop_reason, "valid_from": valid_from}
    wrong: dict[str, Text] = {name: _("请填写此项。") for name in ("zh", "clause", "reason") if not given[name]}
    if re.fullmatch(r"[A-Z][A-Z0-9_]{1,19}", given["code"]) is None:
        wrong["code"] = _("代码由2到20个大写字母、数字和下划线组成，以字母开头。")
    if stop_reason not in SUSPENDED_BY:
        wrong["stop_reason"] = _("请选择暂停原因。")
    wrong |= first_day_faults("valid_from", valid_from, now)
    if wrong:
        raise Invalid(fields=wrong)

    def before() -> None:
        one_at_a_time()
        made = ThinkItemChange(**given, file=file, entered_at=now)
        moment = max(now, Calendar().start_of(valid_from))
        changes = item_changes(file.pk if file else None)
        if not is_on and made.code not in {one.code for one in items_at(moment, changes)}:
            raise Invalid(fields={"code": _("卡片上没有这一项。")})
        number = len(left_at(moment, [*changes, made]))
        if not number:
            raise Invalid(fields={"is_on": _("卡片至少保留一项（本系统要求 F-10 停一停）。")})
        if number > MOST_ITEMS:
            raise Invalid(_("卡片最多%(most)s项。") % {"most": MOST_ITEMS})

    facts = {**given, "valid_from": valid_from.isoformat(), "file": str(file.pk) if file else ""}
    return set_once(
        ThinkItemChange, actor=actor, act="permits.think_item.set",
        given={**given, "file": file, "entered_by": actor.name[:130]}, facts=facts, now=now, client_id=client_id,
        before=before,
    )  # fmt: skip

"""An office draws posts at a visit and asks their holders about their cards, post by post (S1-4g)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import CardAsk, CardVisit, PostCard
from quancheng.domains.risk.queries import card_visits as queries
from quancheng.domains.risk.queries.card_rules import card_rules_on
from quancheng.domains.risk.queries.card_visits import VISIT
from quancheng.domains.risk.quiz_maker import score_of
from quancheng.domains.risk.services.keeping import note
from quancheng.domains.risk.services.readings import questions_about
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once
from quancheng.standards.risk import commitment

MOST_POSTS = 20
#: Days within which what was drawn is asked. [D]
ASK_DAYS = 2
#: What stands for "he did not know".
NO_ANSWER = -1


def draw_visit(
    *, actor: Actor, file: Enterprise, count: int, keys_only: bool, occasion: str, now: datetime, seed: str = "",
    client_id: uuid.UUID | None = None,
) -> CardVisit:  # fmt: skip
    """Draw so many posts with cards in force of an enterprise that the office sees.

    The pool is fixed before the seed is made, so that nobody chooses whom it hits; both are kept.

    :param seed: for a test or a demo; otherwise one that nobody can foresee.
    :raises Invalid: by field. :raises Conflict: no post can be drawn.
    """
    actor.require(VISIT)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if not 1 <= count <= MOST_POSTS:
        wrong["count"] = _("请填写1到%(most)s。") % {"most": MOST_POSTS}
    said = clean(occasion)[:200]
    if not said:
        wrong["occasion"] = _("请填写此项。")
    pool = queries.pool_of(file.pk, keys_only=keys_only)
    if not pool:
        wrong["file"] = _("该企业没有执行中的岗位卡可以抽考；只抽关键岗位的，请先确认有关键岗位。")
    if wrong:
        raise Invalid(fields=wrong)
    used = seed or secrets.token_hex(16)
    chosen = commitment.draw(pool, seed=used, size=count)
    day = Calendar().local_date(now)
    name = file.enterprise.name if file.enterprise is not None else ""
    row = CardVisit(
        **file.row_scope(owner=actor.organisation_id, reach="chain"), code=next_code(CardVisit, "CK", now=now),
        file=file, title=f"{name}现场抽考岗位卡"[:200], occasion=said, keys_only=keys_only, seed=used,
        pool=sorted(pool), pool_digest=commitment.digest_of_pool(pool), pass_mark=card_rules_on(day).pass_mark,
        due_date=day + timedelta(days=ASK_DAYS), created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        made: CardVisit = enter(actor=actor, row=row, now=now, client_id=client_id,
                                facts={"seed": used, "pool": row.pool_digest, "chosen": chosen})  # fmt: skip
        if made.pk == row.pk:
            for number, key in enumerate(chosen, start=1):
                _ask(made, number, pool[key])
    return made


def _ask(visit: CardVisit, number: int, card: PostCard) -> CardAsk:
    # Not of the alarm number: it is sealed, and the office does not read it.
    asked = questions_about(card, seed=f"{visit.seed} {card.post_id}")
    questions = [one for one in asked if one["kind"] != "phone"]
    return CardAsk.objects.create(visit=visit, number=number, card=card, questions=questions)


def is_reproducible(visit: CardVisit) -> bool:
    """Whether the pool and the seed that were kept give the same posts again."""
    asked = [str(one) for one in visit.asks.order_by("number").values_list("card__post", flat=True)]
    again = commitment.draw(visit.pool, seed=visit.seed, size=len(asked))
    return again == asked and commitment.digest_of_pool(visit.pool) == visit.pool_digest


def record_ask(
    *, actor: Actor, ask: CardAsk, now: datetime, holder: uuid.UUID | None = None, other: str = "",
    answers: Sequence[int | None] = (), absent: bool = False, remark: str = "", client_id: uuid.UUID | None = None,
) -> CardAsk:  # fmt: skip
    """Keep what the holder of a post answered, and with it whether he passed; or that nobody was there, by which the
    next post of the draw takes its place, where the pool has one.

    :param answers: the place of what he chose, from 0, a question each; :data:`NO_ANSWER` where he knew none.
    :param other: the name of who works at the post without an account.
    :raises Invalid: by field, questions by ``question_<place>``. :raises StaleState: it was told, or the visit ended.
    :raises NotPermitted: another office's.
    """
    actor.require(VISIT)
    if ask.visit.owner_org_id != actor.organisation_id:
        raise NotPermitted
    named, said = clean(other)[:60], clean(remark)[:300]
    wrong = _absent_faults(said, answers, holder, named) if absent else _faults(ask, holder, named, answers)
    if wrong:
        raise Invalid(fields=wrong)

    def do() -> None:
        visit = ask.visit
        visit.refresh_from_db()
        if visit.status != "OPEN":
            raise StaleState(_("本次抽考已结束。"))
        told: dict[str, Any] = {"asked_at": now, "asker_name": actor.name[:130], "note": said}
        if absent:
            told["is_absent"] = True
        else:
            given = [None if one == NO_ANSWER else one for one in answers]
            score = score_of(ask.questions, given) if ask.questions else 0
            told |= {
                "holder_id": holder, "other_name": named, "answers": list(given), "score": score,
                "is_passed": score >= visit.pass_mark,
            }  # fmt: skip
        if not CardAsk.objects.filter(pk=ask.pk, asked_at__isnull=True).update(**told):
            raise StaleState(_("该岗位的结果已登记。"))
        note(actor, "risk.card_visit.ask", visit.file_id, visit, now, {
            "post": ask.card.post_id, "score": told.get("score"), "passed": told.get("is_passed"), "absent": absent,
        })  # fmt: skip
        if absent:
            _next(visit)

    body = {"ask": ask.pk, "holder": holder, "other": named, "answers": list(answers), "absent": absent, "note": said}
    act_once(actor=actor, row=ask.visit, act="risk.card_visit.ask", body=body, now=now, client_id=client_id, do=do)
    ask.refresh_from_db()
    return ask


def _next(visit: CardVisit) -> None:
    """The post that follows in the order of the draw, as far as its card is still in force."""
    count = visit.asks.count()
    ranks = commitment.draw(visit.pool, seed=visit.seed, size=len(visit.pool))
    pool = queries.pool_of(visit.file_id, keys_only=visit.keys_only)
    if count < len(ranks) and ranks[count] in pool:
        _ask(visit, count + 1, pool[ranks[count]])


def _absent_faults(
    said: str, answers: Sequence[int | None], holder: uuid.UUID | None, named: str
) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not said:
        wrong["remark"] = _("无人在岗的，请写明情况。")
    if holder is not None or named or any(one is not None for one in answers):
        wrong["absent"] = _("无人在岗的，不填被抽考人和答案。")
    return wrong


def _faults(ask: CardAsk, holder: uuid.UUID | None, named: str, answers: Sequence[int | None]) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if (holder is None) == (not named):
        wrong["holder"] = _("请选择在岗人员，或填写没有账号的在岗人员姓名，二者填一项。")
    elif holder is not None and str(holder) not in {key for key, _name in queries.holders_of(ask)}:
        wrong["holder"] = _("请选择该岗位的在岗人员。")
    for place, question in enumerate(ask.questions):
        chosen = answers[place] if place < len(answers) else None
        if chosen is None or not NO_ANSWER <= chosen < len(question["options"]):
            wrong[f"question_{place}"] = _("请选择回答；答不出的选“答不出”。")
    if len(answers) > len(ask.questions):
        wrong["answers"] = _("答案多于题目。")
    return wrong


def end_visit(
    *, actor: Actor, visit: CardVisit, name: str, now: datetime, reason: str = "", client_id: uuid.UUID | None = None
) -> CardVisit:
    """Finish a visit of which every post was told, or drop one with a reason; a finished one is the enterprise's to
    read. :raises Conflict: a post waits."""
    said = clean(reason)[:300]
    changes: dict[str, Any] = {"closed_at": now}
    if name == "finish":
        changes["reach"] = "party"
    else:
        changes["reason"] = said
    moved: CardVisit = move(actor=actor, row=visit, name=name, now=now, given={"reason": said} if said else {},
                            changes=changes, client_id=client_id)  # fmt: skip
    return moved

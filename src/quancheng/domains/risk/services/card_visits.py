"""An office draws posts at a visit and asks their holders about their cards, post by post (S1-4g)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import CardAsk, CardVisit, PostCard
from quancheng.domains.risk.queries import card_visits as queries
from quancheng.domains.risk.queries.card_rules import card_rules_on
from quancheng.domains.risk.queries.card_visits import VISIT
from quancheng.domains.risk.quiz_maker import questions_of, score_of
from quancheng.domains.risk.services.keeping import note
from quancheng.domains.risk.services.readings import questions_about, texts_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
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

    The pool is fixed before the seed is made, so that nobody chooses whom it hits; both are kept. Where the office's
    last visit there was dropped its seed counts again.

    :param seed: for a test or a demo; otherwise one that nobody can foresee.
    :raises Invalid: by field. :raises Conflict: a visit of the office is open there.
    """
    actor.require(VISIT)
    office = actor.organisation_id
    if office is None or not actor.supervises:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if not 1 <= count <= MOST_POSTS:
        wrong["count"] = _("请填写1到%(most)s。") % {"most": MOST_POSTS}
    said = clean(occasion)[:200]
    if not said:
        wrong["occasion"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        pool = pool_of(file.pk, keys_only=keys_only)
        if not pool:
            raise Invalid(fields={
                "file": _("该企业没有可以提问的执行中岗位卡；只抽关键岗位的，请先确认有关键岗位。")
            })  # fmt: skip
        used = queries.seed_left(office=office, file_id=file.pk) or seed or secrets.token_hex(16)
        chosen = commitment.draw(pool, seed=used, size=count)
        day = Calendar().local_date(now)
        name = file.enterprise.name if file.enterprise is not None else ""
        row = CardVisit(
            **file.row_scope(owner=office, reach="chain"), code=next_code(CardVisit, "CK", now=now), file=file,
            title=f"{name}现场抽考岗位卡"[:200], occasion=said, keys_only=keys_only, seed=used, pool=sorted(pool),
            pool_digest=commitment.digest_of_pool(pool), pass_mark=card_rules_on(day).pass_mark,
            due_date=day + timedelta(days=ASK_DAYS), created_at=now,
        )  # fmt: skip
        made = enter(actor=actor, row=row, now=now,
                     facts={"seed": used, "pool": row.pool_digest, "chosen": chosen})  # fmt: skip
        for number, key in enumerate(chosen, start=1):
            _ask(made, number, pool[key])
        return made.pk

    # What was asked for alone: by whom it hits, the same request again would be another one.
    body = {"file": file.pk, "count": count, "keys_only": keys_only, "occasion": said}
    try:
        with transaction.atomic():
            key, _made = once(actor=actor, client_id=client_id, act="risk.card_visit.draw", body=plain(body), now=now,
                              make=make)  # fmt: skip
    except IntegrityError as taken:
        raise Conflict(_("本单位在该企业有一次抽考尚未结束，请先完成或取消后再抽取。")) from taken
    return CardVisit.objects.get(pk=key)


def pool_of(file_id: uuid.UUID, *, keys_only: bool) -> Mapping[str, PostCard]:
    """Cards in force of an enterprise that give a question to ask, by the key of their post."""
    cards = queries.cards_of(file_id)
    return {
        str(card.post_id): card
        for card, text in zip(cards, texts_of(cards), strict=True)
        if (card.post.is_key or not keys_only) and _to_ask(questions_of(text, (), seed=""))
    }


def _to_ask(questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    # Not of the alarm number: it is sealed, and the office does not read it.
    return [one for one in questions if one["kind"] != "phone"]


def _ask(visit: CardVisit, number: int, card: PostCard) -> CardAsk:
    questions = _to_ask(questions_about(card, seed=f"{visit.seed} {card.post_id}"))
    return CardAsk.objects.create(visit=visit, number=number, card=card, questions=questions)


def is_reproducible(visit: CardVisit) -> bool:
    """Whether the pool and the seed that were kept give the same posts again, without those that were passed over."""
    asked = [str(one) for one in visit.asks.order_by("number").values_list("card__post", flat=True)]
    ranks = commitment.draw(visit.pool, seed=visit.seed, size=len(visit.pool))
    again = [one for one in ranks if one not in visit.passed_over][: len(asked)]
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
    """The post that follows in the order of the draw; those whose card is in force no more are passed over."""
    asked = {str(one) for one in visit.asks.values_list("card__post", flat=True)}
    ranks = commitment.draw(visit.pool, seed=visit.seed, size=len(visit.pool))
    pool = pool_of(visit.file_id, keys_only=visit.keys_only)
    over = list(visit.passed_over)
    for key in ranks:
        if key in asked or key in over:
            continue
        if key in pool:
            _ask(visit, len(asked) + 1, pool[key])
            break
        over.append(key)
    if over != visit.passed_over:
        CardVisit.objects.filter(pk=visit.pk).update(passed_over=over)
        visit.passed_over = over


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
    """Finish a visit of which every post was told, or drop one with a reason; both are the enterprise's to read.
    :raises Conflict: a post waits."""
    said = clean(reason)[:300]
    changes: dict[str, Any] = {"closed_at": now, "reach": "party"}
    if name != "finish":
        changes["reason"] = said
    moved: CardVisit = move(actor=actor, row=visit, name=name, now=now, given={"reason": said} if said else {},
                            changes=changes, client_id=client_id)  # fmt: skip
    return moved

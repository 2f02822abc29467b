"""Who holds a post reads its card, signs, and is asked until he passes (阅读、签名、测试)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.kinds import ReadingKind
from quancheng.domains.risk.models import CardReading, PostCard, PostPerson, QuizAttempt, SpotRound
from quancheng.domains.risk.queries.card_facts import facts_of_posts
from quancheng.domains.risk.queries.card_rules import card_rules_on
from quancheng.domains.risk.queries.cards import IN_FORCE, open_attempt
from quancheng.domains.risk.quiz_maker import CardText, questions_of, score_of
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once

READ = "risk.cards.read"
CLOCK = system_actor("risk.cards", READ, "risk.cards.keep")
#: Role under which a reading holds the picture of a signature.
SIGNATURE = "signature"
#: Other cards of the enterprise from which wrong answers are drawn.
_OTHERS = 12


def call_readers(*, card: PostCard, now: datetime, only: uuid.UUID | None = None) -> int:
    """Whoever holds the post now and has not read this edition gets it to read; in the caller's transaction.

    :param only: this person alone. Returns how many were called.
    """
    people = PostPerson.objects.filter(post=card.post_id, until_date__isnull=True)
    if only is not None:
        people = people.filter(user=only)
    known = set(card.readings.filter(kind=ReadingKind.EDITION).exclude(status="ENDED").values_list("reader", flat=True))
    due = Calendar().local_date(now) + timedelta(days=card_rules_on(Calendar().local_date(now)).read_days)
    called = [pk for pk in people.order_by("pk").values_list("user", flat=True).distinct() if pk not in known]
    for pk in dict.fromkeys(called):
        call_reader(card=card, reader_id=pk, due=due, now=now, spot=None)
    return len(set(called))


def call_reader(
    *, card: PostCard, reader_id: uuid.UUID, due: date, now: datetime, spot: SpotRound | None
) -> CardReading:  # fmt: skip
    """One person gets an edition to read, or, drawn in a quarter, is asked at once; in the caller's transaction."""
    about = {"post": card.title, "edition": card.edition}
    title = f"岗位卡抽查测试：{about['post']}" if spot else f"阅读岗位卡：{about['post']}（第{about['edition']}版）"
    scope = {name: getattr(card, name) for name in ("owner_org_id", "enterprise_id", "area_id", "links", "reach")}
    row = CardReading(
        **scope, file_id=card.file_id, card=card, reader_id=reader_id, spot=spot, title=title[:200], due_date=due,
        kind=ReadingKind.SPOT if spot else ReadingKind.EDITION, created_at=now,
    )  # fmt: skip
    enter(actor=CLOCK, row=row, now=now, facts={"card": card.pk, "reader": reader_id})
    if spot is not None:
        move(actor=CLOCK, row=row, name="open", now=now)
    return row


def end_readings(*, rows: Iterable[CardReading], now: datetime) -> None:
    """Readings that are still open are owed no more; in the caller's transaction."""
    for row in rows:
        if row.status in ("TO_READ", "TO_TEST"):
            move(actor=CLOCK, row=row, name="end", now=now, changes={"closed_at": now})


def read_card(
    *, actor: Actor, row: CardReading, signed: str, now: datetime, signature: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> CardReading:  # fmt: skip
    """The reader says that he read the card, with his own name typed; a picture of his signature may be held besides.

    :raises NotPermitted: somebody else's. :raises Invalid: another name.
    """
    _require_reader(actor, row)
    name = clean(signed)
    if name != clean(row.reader.name):
        raise Invalid(fields={"signed": _("请填写您本人的姓名作为签名。")})

    def do() -> None:
        changes = {"signed_name": name[:60], "read_at": now}
        move(actor=actor, row=row, name="read", now=now, given={"signed": True}, changes=changes,
             facts={"card": row.card_id})  # fmt: skip
        if signature:
            attach_files(actor=actor, row=row, file_ids=list(signature), now=now, role=SIGNATURE)

    body = {"signed": name}
    act_once(actor=actor, row=row, act="risk.card.read", body=body, now=now, client_id=client_id, do=do)
    return row


def start_quiz(*, actor: Actor, row: CardReading, now: datetime) -> QuizAttempt:
    """The questions of the next try, drawn from the card as it stands; the try that is begun already where one is.

    :raises StaleState: the card was not read yet, or the person passed.
    """
    _require_reader(actor, row)
    if row.status != "TO_TEST":
        raise StaleState(_("请先确认已阅读岗位卡。") if row.status == "TO_READ" else _("该测试已结束。"))
    with transaction.atomic():
        CardReading.objects.select_for_update(no_key=True).get(pk=row.pk)
        begun = open_attempt(row)
        if begun is not None:
            return begun
        number = row.attempts.count() + 1
        made = QuizAttempt.objects.create(
            reading=row, number=number, started_at=now, questions=questions_about(row.card, seed=f"{row.pk} {number}"),
            pass_mark=card_rules_on(Calendar().local_date(now)).pass_mark,
        )  # fmt: skip
        note(actor, "risk.quiz.start", row.file_id, row, now, {"number": number})
    return made


def answer_quiz(*, actor: Actor, attempt: QuizAttempt, answers: Sequence[int | None], now: datetime) -> QuizAttempt:
    """Hand a try in. Who has the mark has passed; who has not may try again, with other questions.

    :param answers: the place of the chosen option, from 0, a question each.
    :raises Invalid: a question left open, by ``question_<place>``. :raises StaleState: handed in already.
    """
    row = attempt.reading
    _require_reader(actor, row)
    wrong: dict[str, Text] = {}
    for place, question in enumerate(attempt.questions):
        chosen = answers[place] if place < len(answers) else None
        if chosen is None or not 0 <= chosen < len(question["options"]):
            wrong[f"question_{place}"] = _("请选择一个答案。")
    if len(answers) > len(attempt.questions):
        wrong["answers"] = _("答案多于题目。")
    if wrong:
        raise Invalid(fields=wrong)
    score = score_of(attempt.questions, answers)
    with transaction.atomic():
        won = QuizAttempt.objects.filter(pk=attempt.pk, answered_at__isnull=True).update(
            answers=list(answers), score=score, answered_at=now
        )
        if not won:
            raise StaleState(_("该次测试已交卷。"))
        facts: dict[str, Any] = {"number": attempt.number, "score": score, "mark": attempt.pass_mark}
        note(actor, "risk.quiz.answer", row.file_id, row, now, facts)
        if score >= attempt.pass_mark:
            changes = {"passed_at": now, "closed_at": now}
            move(actor=actor, row=row, name="pass", now=now, changes=changes, facts=facts)
    attempt.refresh_from_db()
    return attempt


def questions_about(card: PostCard, *, seed: str) -> list[dict[str, Any]]:
    """Questions about a card as it stands, with answers that other cards of its enterprise tell; the same seed again
    gives the same while the cards stand."""
    cards = [card, *PostCard.objects.filter(file=card.file_id, status__in=IN_FORCE).exclude(post=card.post_id)
             .select_related("post").order_by("pk")[:_OTHERS]]  # fmt: skip
    first, *others = texts_of(cards)
    return questions_of(first, others, seed=seed)


def texts_of(cards: Sequence[PostCard]) -> list[CardText]:
    """What of cards can be asked."""
    facts = facts_of_posts([one.post for one in cards])
    return [CardText(str(one.pk), one.parts, bool(one.inner_phone), facts[one.post_id]["events"]) for one in cards]


def _require_reader(actor: Actor, row: CardReading) -> None:
    actor.require(READ)
    if actor.user_id is None or row.reader_id != actor.user_id:
        raise NotPermitted(_("岗位卡须由本人阅读和测试。"))

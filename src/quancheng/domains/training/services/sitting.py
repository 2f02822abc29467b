"""Somebody sits an exam: let in, begun, answered line by line, handed in by himself or by the clock (S1-5c).

Who sits has no account. The time is the server's. Right answers leave the house with nothing before the paper is in.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from quancheng.domains.training.examining import LETTERS, Placed, build, cleaned, shared
from quancheng.domains.training.models import (
    Exam,
    ExamSitting,
    FactKind,
    HandedIn,
    PersonPost,
    Question,
    QuestionVersion,
    SittingFact,
    SittingItem,
)
from quancheng.domains.training.models.exams import FULL_MARKS, GRACE
from quancheng.domains.training.queries.exams import chance_of
from quancheng.domains.training.queries.papers import asked_of, demand_of, marks_of, questions_for, said
from quancheng.domains.training.services.exam_results import CLERK, mark_closed, settle, taught_since
from quancheng.domains.training.services.exams import digest_of
from quancheng.kernel import journal
from quancheng.kernel.errors import Conflict, Invalid, NotFound, StaleState
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.throttle import Bound, count_use

_log = logging.getLogger(__name__)
#: Tries of codes by one address: a class-room behind one address, and nobody who guesses forty bits. [D]
TRIES = Bound(300, timedelta(minutes=15))
#: Notes of one sitting; a page that tells more is broken.
MOST_FACTS = 500
PHOTO = "photo"
#: What a page may tell of itself.
TOLD = (FactKind.LEFT, FactKind.BACK, FactKind.OFFLINE, FactKind.ONLINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who was let in, and the key that his browser keeps."""

    sitting: ExamSitting
    key: str


def find_exam(door: str) -> Exam:
    """The exam behind a door. :raises NotFound: none, or called off."""
    found = Exam.objects.select_related("programme", "owner_org").filter(door=door, cancelled_at__isnull=True).first()
    if found is None:
        raise NotFound(_("没有找到这场考试，请核对二维码或网址。"))
    return found


def let_in(
    *, exam: Exam, code: str, badge: str | None, key: str, address: str, device: str, now: datetime
) -> Entry:
    """Let a candidate in by his code, typed with his badge number or from his own QR code.

    :param badge: None where the code came from his QR code. :param key: what this browser kept of before, if it did.
    :raises Invalid: no such code here, or another's badge. :raises Conflict: he sits at another device already.
    :raises TooMany: this address tried too often.
    """
    count_use(place="training.exam", address=address, about=exam.door, bound=TRIES, now=now)
    plain = code.upper().replace("-", "").replace(" ", "").translate(_LIKE)
    rows = ExamSitting.objects.select_related("person", "user", "exam")
    found = rows.filter(exam=exam, code_digest=digest_of(f"{exam.pk} {plain}"), absent_at__isnull=True).first()
    if found is None or not _is_his(found, badge):
        raise Invalid(_("工号或考试码不对，请核对后重试，或联系监考人员。"))
    return _entered(found, key, device, now)


def let_user_in(*, sitting: ExamSitting, key: str, device: str, now: datetime) -> Entry:
    """Let in a user who is signed in and sits himself."""
    return _entered(sitting, key, device, now)


def resumed(*, exam: Exam, sitting_id: uuid.UUID, key: str, whole: bool = True) -> ExamSitting:
    """The sitting that a browser's key opens. :raises NotFound: the key opens none.

    :param whole: with the candidate; false where thousands tell an answer a minute, which asks nothing of him.
    """
    rows = ExamSitting.objects.select_related(*(("person__file", "user") if whole else ()))
    found = rows.filter(exam=exam, pk=sitting_id, absent_at__isnull=True).first()
    if found is None or (found.device and not constant_time_compare(found.device, digest_of(key))):
        raise NotFound(_("请重新输入考试码进入。"))
    found.exam = exam
    return found


def begin(
    *, sitting: ExamSitting, key: str, now: datetime, photo: uuid.UUID | None = None, device: str = ""
) -> ExamSitting:
    """Build the paper and start the clock; who began already goes on where he was.

    :raises StaleState: the exam is not open, or he was not there when he was called.
    :raises Conflict: begun elsewhere, the bank became too small, or he must be taught anew before.
    """
    with transaction.atomic():
        row = _locked(sitting)
        if row.started_at is not None:
            _bind(row, key, device, now)
            return row
        # Called off or put to another time at this moment: who does it is waited for.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM training_exam WHERE id = %s FOR SHARE", [row.exam_id])
        row.exam.refresh_from_db(fields=["opens_at", "closes_at", "cancelled_at"])
        exam = row.exam
        if row.absent_at is not None or not exam.is_open(now):
            raise StaleState(_("考试还没有开始，或者已经结束。"))
        if row.person is not None and not exam.is_spot:
            taught = taught_since(row.person, exam.programme, after=None)
            chance = chance_of(row.person, exam.programme, now, taught_since=taught)
            if chance.is_barred:
                told = {"name": row.person.name}
                raise Conflict(_("%(name)s的补考机会已用完或已过期，须先重新完成培训学时。") % told)
            row.is_resit = chance.is_resit
        items = paper_of(row, seed=row.seed)
        SittingItem.objects.bulk_create(items)
        row.device, row.started_at = digest_of(key), now
        row.ends_at = min(now + timedelta(minutes=row.exam.minutes), row.exam.closes_at)
        row.save(update_fields=["device", "started_at", "ends_at", "is_resit"])
        _fact(row, FactKind.BEGAN, now, device)
        if photo is not None:
            attach_files(actor=CLERK, row=row, file_ids=[photo], now=now, role=PHOTO)
            _fact(row, FactKind.PHOTO, now)
        _journal(row, "training.exam.begin", now)
    return row


def save_answers(
    *, sitting: ExamSitting, key: str, answers: Mapping[int, Mapping[str, str]], now: datetime
) -> list[int]:
    """Keep answers, each at once; the last one told counts. Returns the places that were kept.

    :param answers: by place on the paper and part (``""`` for a question without parts), letters as he saw them.
    :raises StaleState: handed in, or the time is up.
    """
    with transaction.atomic():
        row = _running(sitting, key, now)
        kept = _keep(row, answers, now)
    return kept


def hand_in(
    *, sitting: ExamSitting, key: str, answers: Mapping[int, Mapping[str, str]], now: datetime
) -> ExamSitting:
    """Keep the last answers and hand the paper in: what needs no examiner is marked at once.

    Twice is once. :raises StaleState: the clock was faster.
    """
    with transaction.atomic():
        row = _locked(sitting)
        _require_key(row, key)
        if row.handed_in_at is not None:
            return row
        if answers and row.ends_at is not None and now <= row.ends_at + GRACE:
            _keep(row, answers, now)
        _close(row, HandedIn.SELF, now)
    return row


def close_overdue(*, now: datetime) -> int:
    """Hand in whatever is out of time, with the answers that came in; returns how many."""
    late = ExamSitting.objects.filter(
        started_at__isnull=False, handed_in_at__isnull=True, ends_at__lte=now - GRACE
    ).order_by("ends_at", "pk")
    count = 0
    for one in late[:1000]:
        try:
            with transaction.atomic():
                row = _locked(one)
                if row.handed_in_at is None:
                    _close(row, HandedIn.CLOCK, now)
                    count += 1
        except Exception:  # noqa: BLE001 - whatever one paper has, the others go on; it is logged
            # One paper that cannot be closed keeps no other open.
            _log.exception("sitting %s was not handed in by the clock", one.pk)
    return count


def tell(*, sitting: ExamSitting, key: str, kind: str, note: str, now: datetime) -> None:
    """Note what the page says of itself. It is evidence for who looks, and fails nobody by itself."""
    if kind not in TOLD:
        raise Invalid(_("没有这个选项。"))
    with transaction.atomic():
        row = _locked(sitting)
        _require_key(row, key)
        if row.started_at is None or row.handed_in_at is not None:
            raise StaleState(_("已经交卷。"))
        if SittingFact.objects.filter(sitting=row).count() < MOST_FACTS:
            _fact(row, FactKind(kind), now, note)
        if kind == FactKind.LEFT:
            ExamSitting.objects.filter(pk=row.pk).update(left_count=F("left_count") + 1)


def to_bank(order: tuple[int, ...], text: str) -> str:
    """Letters as a candidate saw them, as the bank has them."""
    return "".join(sorted(LETTERS[order[LETTERS.index(one)]] for one in text))


def to_shown(order: tuple[int, ...], text: str) -> str:
    """The other way."""
    return "".join(sorted(LETTERS[order.index(LETTERS.index(one))] for one in text))


_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})


def _is_his(sitting: ExamSitting, badge: str | None) -> bool:
    if badge is None or sitting.person is None or not sitting.person.staff_no:
        return True
    return clean(badge).casefold() == sitting.person.staff_no.casefold()


def _entered(found: ExamSitting, key: str, device: str, now: datetime) -> Entry:
    with transaction.atomic():
        row = _locked(found)
        is_other = bool(row.device) and not (key and constant_time_compare(row.device, digest_of(key)))
        kept = key if row.device else secrets.token_urlsafe(24)
        if is_other:
            _fact(row, FactKind.OTHER_DEVICE, now, device)
        elif row.handed_in_at is None:
            if row.started_at is not None and not row.device:
                # Who runs the exam allowed another device: the first that comes is it.
                row.device = digest_of(kept)
                row.save(update_fields=["device"])
            _fact(row, FactKind.RESUMED if row.started_at else FactKind.ENTERED, now, device)
    if is_other:
        raise Conflict(_("您已在另一台设备上开考；设备损坏的，请监考人员允许更换设备。"))
    return Entry(row, kept)


def _bind(row: ExamSitting, key: str, device: str, now: datetime) -> None:
    """Another device, where who runs the exam allowed it."""
    if not row.device:
        row.device = digest_of(key)
        row.save(update_fields=["device"])
        _fact(row, FactKind.RESUMED, now, device)
    _require_key(row, key)


def _require_key(row: ExamSitting, key: str) -> None:
    if not row.device or not constant_time_compare(row.device, digest_of(key)):
        raise Conflict(_("您已在另一台设备上开考；设备损坏的，请监考人员允许更换设备。"))


def _locked(sitting: ExamSitting) -> ExamSitting:
    rows = ExamSitting.objects.select_for_update(of=("self",), no_key=True)
    found: ExamSitting = rows.select_related("exam__programme", "exam__owner_org", "person__file", "user").get(
        pk=sitting.pk
    )
    return found


def _running(sitting: ExamSitting, key: str, now: datetime) -> ExamSitting:
    # Alone: of who sits there, and of the exam, an answer asks nothing.
    row: ExamSitting = ExamSitting.objects.select_for_update(no_key=True).get(pk=sitting.pk)
    _require_key(row, key)
    if row.handed_in_at is not None:
        raise StaleState(_("已经交卷。"))
    if row.ends_at is None or now > row.ends_at + GRACE:
        raise StaleState(_("考试时间已到。"))
    return row


def _keep(row: ExamSitting, answers: Mapping[int, Mapping[str, str]], now: datetime) -> list[int]:
    rows = SittingItem.objects.filter(sitting=row, place__in=list(answers)).select_related("version")
    kept = []
    for item in rows:
        answer = dict(item.answer)
        for part, text in answers[item.place].items():
            found = read_answer(item, part, text)
            if found is None:
                raise Invalid(_("答案格式有误，请刷新页面后重试。"))
            answer[part] = found
        if answer != item.answer:
            item.answer, item.answered_at = answer, now
            item.save(update_fields=["answer", "answered_at"])
        kept.append(item.place)
    return sorted(kept)


def read_answer(item: SittingItem, part: str, text: str) -> str | None:
    """An answer in the bank's letters; None where there is no such part, or it answers nothing."""
    asked = item.version
    if asked.kind == "case":
        if not (part.isascii() and part.isdigit() and len(part) < 5) or not 1 <= int(part) <= len(asked.parts):
            return None
        one = asked.parts[int(part) - 1]
        return cleaned(one["kind"], text, len(one["options"]))
    if part:
        return None
    told = cleaned(asked.kind, text, len(asked.options))
    return to_bank(tuple(item.order), told) if told and asked.options else told


def _close(row: ExamSitting, how: str, now: datetime) -> None:
    row.handed_in_at, row.handed_in_by = now, how
    row.save(update_fields=["handed_in_at", "handed_in_by"])
    _fact(row, FactKind.HANDED_IN, now, str(HandedIn(how).label))
    _journal(row, "training.exam.hand_in", now, how=how)
    mark_closed(row, is_partial=row.exam.paper["is_partial"])
    settle(row, now=now)


def paper_of(row: ExamSitting, *, seed: str) -> list[SittingItem]:
    """The paper of a sitting by a seed, not stored; what fits nobody of his posts or his enterprise is not asked."""
    exam = row.exam
    roles: list[str] | None = None
    if exam.is_spot and row.person_id is not None:
        posts = PersonPost.objects.filter(person=row.person_id, to_date__isnull=True)
        roles = list(posts.values_list("role__code", flat=True))
    kind = row.person.file.kind if row.person else ""
    pool = questions_for(organisation=exam.owner_org_id, paper=exam.paper, kind=kind, roles=roles)
    placed = build(asked_of(pool), demand_of(exam.paper), seed)
    missing = [one for one in placed if not isinstance(one, Placed)]
    if missing:
        raise Conflict(_("暂时不能组卷，请联系组织单位。") + "".join(said(missing)))
    found = [one for one in placed if isinstance(one, Placed)]
    by_key = {str(one.pk): one for one in pool}
    versions = _versions([by_key[one.key] for one in found])
    spread = shared(Decimal(FULL_MARKS), len(found))
    return [
        SittingItem(
            sitting=row, place=place, question=by_key[one.key], version=versions[by_key[one.key].pk],
            order=list(one.order), marks=marks_of(exam.paper, by_key[one.key].kind) if exam.paper["marks"] else each,
        )
        for place, (one, each) in enumerate(zip(found, spread, strict=True), start=1)
    ]  # fmt: skip


def _versions(questions: list[Question]) -> dict[uuid.UUID, QuestionVersion]:
    wanted = {one.pk: one.version for one in questions}
    rows = QuestionVersion.objects.filter(question__in=list(wanted))
    return {one.question_id: one for one in rows if one.number == wanted[one.question_id]}


def _fact(row: ExamSitting, kind: FactKind, now: datetime, note: str = "") -> None:
    SittingFact.objects.create(sitting=row, kind=kind, at=now, note=clean(note)[:200])


def _journal(row: ExamSitting, act: str, now: datetime, **facts: str) -> None:
    journal.record(
        actor=CLERK, act=act, subject_type=ExamSitting.row_type(), subject_id=row.pk, org_id=row.enterprise_id,
        facts={"exam": row.exam_id, **facts}, now=now,
    )  # fmt: skip

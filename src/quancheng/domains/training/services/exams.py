"""Exams arranged and called off, who sits in them, spot exams drawn at an inspection (逢查必考, S2-16d)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.codes import ALPHABET
from quancheng.domains.training.examining import rank
from quancheng.domains.training.models import (
    Exam,
    ExamKind,
    ExamSitting,
    FactKind,
    PaperRule,
    Person,
    Programme,
    QuestionKind,
    SittingFact,
)
from quancheng.domains.training.queries.exams import SPOT, chance_of, runs
from quancheng.domains.training.queries.papers import SET_EXAMS, paper_of, policy, usable_rules, what_lacks
from quancheng.domains.training.queries.persons import list_persons
from quancheng.domains.training.services.exam_results import taught_since
from quancheng.domains.training.services.papers import require_share
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import User
from quancheng.kernel.vault import services as vault

#: How codes of candidates are sealed.
CODE = "exam_code"
DOOR_LETTERS, CODE_LETTERS = 16, 8
MOST_CANDIDATES = 3_000
LONGEST_WINDOW = timedelta(days=60)
#: How long a door to a spot exam stays open for those who were drawn. [D]
SPOT_WINDOW = timedelta(hours=2)
DEFAULT_PASS = 80


def digest_of(text: str) -> str:
    """Of a code or of a browser's key: what is stored of it."""
    return salted_hmac("training.exam", text, algorithm="sha256").hexdigest()


def arrange_exam(
    *, actor: Actor, name: str, rule: PaperRule, programme: Programme, opens_at: datetime, closes_at: datetime,
    persons: Sequence[Person], users: Sequence[User] = (), now: datetime, client_id: uuid.UUID | None = None,
) -> Exam:  # fmt: skip
    """Arrange an exam on a programme, by a rule, for persons and users.

    :param rule: one that ``usable_rules`` gives. :param persons: from ``list_persons``, at work.
    :raises Invalid: by field; a rule below the district's share, or a bank too small for it, too.
    :raises NotPermitted: users sit exams of offices alone.
    """
    actor.require(SET_EXAMS)
    wrong: dict[str, Text] = {}
    if not usable_rules(actor=actor).filter(pk=rule.pk).exists():
        wrong["rule"] = _("没有这个选项。")
    if not clean(name):
        wrong["name"] = _("请填写名称。")
    if closes_at <= max(opens_at, now):
        wrong["closes_at"] = _("结束时间应晚于开始时间和现在。")
    elif closes_at - opens_at > LONGEST_WINDOW:
        wrong["closes_at"] = _("考试时段不能超过 60 天。")
    elif closes_at - opens_at < timedelta(minutes=rule.minutes):
        wrong["closes_at"] = _("考试时段短于考试时间。")
    if not persons and not users:
        wrong["persons"] = _("请选择参加考试的人员。")
    if len(persons) + len(users) > MOST_CANDIDATES:
        wrong["persons"] = _("一场考试最多 %(most)s 人。") % {"most": MOST_CANDIDATES}
    if users and not actor.supervises:
        raise NotPermitted
    if (persons and programme.is_for_regulators) or (users and not programme.is_for_regulators):
        wrong["programme"] = _("监管人员用监管人员的培训大纲，企业人员用其他大纲。")
    is_unified = bool(persons) and programme.is_unified_on(Calendar().local_date(opens_at))
    if is_unified and rule.pk != programme.unified_rule_id:
        wrong["rule"] = _("该大纲实行四个统一，考试须使用统一试卷“%(name)s”。") % {"name": programme.unified_rule}
    if is_unified and actor.organisation_id != programme.unified_by_id:
        # Who is certified neither asks the questions nor gives the marks: an office has no bank but the district's.
        wrong["programme"] = _("该大纲实行四个统一，考试由%(name)s组织。") % {"name": programme.unified_by}
    files = {one.file for one in persons}
    only = next(iter(files)) if len(files) == 1 and not users else None
    try:
        require_share(rule.major_share)
    except Invalid as below:
        wrong["rule"] = below.fields["major_share"]
    if not wrong:
        kinds = {one.kind for one in files} or {""}
        for kind in sorted(kinds):
            missing = what_lacks(organisation=actor.organisation_id, paper=paper_of(rule), kind=kind)
            if missing:
                wrong["rule"] = "".join(missing)
    if wrong:
        raise Invalid(fields=wrong)
    exam = Exam(
        **_scope(actor, only), kind=ExamKind.FORMAL, name=clean(name)[:120], programme=programme, rule=rule,
        paper=paper_of(rule), pass_mark=programme.pass_mark or DEFAULT_PASS, minutes=rule.minutes, opens_at=opens_at,
        closes_at=closes_at, door=_letters(DOOR_LETTERS), file=only, created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip

    def make() -> uuid.UUID:
        exam.save(force_insert=True)
        rows = [_candidate(actor, exam, person=one, now=now) for one in persons]
        rows += [_candidate(actor, exam, user=one, now=now) for one in users]
        ExamSitting.objects.bulk_create(rows)
        _note(actor, "training.exam.arrange", exam, now, programme=programme.code, candidates=len(rows))
        publish("training.exam.arranged", exam, actor=actor, now=now, facts={"programme": programme.code})
        return exam.pk

    who = sorted(str(one.pk) for one in (*persons, *users))
    body = {"name": exam.name, "rule": rule.pk, "opens": opens_at, "closes": closes_at, "who": who}
    return _once(actor, client_id, "training.exam.arrange", body, now, make)


def add_candidates(*, actor: Actor, exam: Exam, persons: Sequence[Person], now: datetime) -> int:
    """Let further persons sit an exam that is not over; returns how many.

    :raises Invalid: one sits it already, or owes hours first. :raises StaleState: it is over or called off.
    """
    _require_runner(actor, exam)
    if exam.is_spot or exam.cancelled_at is not None or exam.closes_at <= now:
        raise StaleState(_("考试已经结束或取消。"))
    with transaction.atomic():
        Exam.objects.select_for_update(of=("self",), no_key=True).get(pk=exam.pk)
        there = set(ExamSitting.objects.filter(exam=exam).values_list("person", flat=True))
        if twice := [one.name for one in persons if one.pk in there]:
            raise Invalid(fields={"persons": _("已在名单中：%(names)s。") % {"names": "、".join(twice)}})
        if len(there) + len(persons) > MOST_CANDIDATES:
            raise Invalid(fields={"persons": _("一场考试最多 %(most)s 人。") % {"most": MOST_CANDIDATES}})
        ExamSitting.objects.bulk_create([_candidate(actor, exam, person=one, now=now) for one in persons])
        _note(actor, "training.exam.add", exam, now, candidates=len(persons))
    return len(persons)


def cancel_exam(*, actor: Actor, exam: Exam, reason: str, now: datetime) -> None:
    """Call an exam off that nobody began. :raises Invalid: no reason. :raises Conflict: somebody began."""
    _require_runner(actor, exam)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        locked = Exam.objects.select_for_update(of=("self",), no_key=True).get(pk=exam.pk)
        if locked.cancelled_at is not None:
            raise StaleState
        if ExamSitting.objects.filter(exam=exam, started_at__isnull=False).exists():
            raise Conflict(_("已有人开考，不能取消。"))
        Exam.objects.filter(pk=exam.pk).update(cancelled_at=now, cancel_reason=clean(reason)[:200])
        _note(actor, "training.exam.cancel", exam, now, reason=clean(reason)[:200])


def release_device(*, actor: Actor, sitting: ExamSitting, reason: str, now: datetime) -> None:
    """Let somebody go on with another device, where the first broke. :raises StaleState: he is not sitting."""
    _require_runner(actor, sitting.exam)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        running = ExamSitting.objects.filter(pk=sitting.pk, started_at__isnull=False, handed_in_at__isnull=True)
        if not running.exclude(device="").update(device=""):
            raise StaleState
        SittingFact.objects.create(sitting=sitting, kind=FactKind.RELEASED, at=now, note=clean(reason)[:200])
        _note(actor, "training.exam.release", sitting.exam, now, sitting=sitting.pk, reason=clean(reason)[:200])


def code_of(sitting: ExamSitting) -> str:
    """The code for a candidate's slip; for who runs the exam."""
    return vault.reveal(CODE, sitting.code)


# Spot exams -----------------------------------------------------------------------------------------------------


def draw_spot(
    *, actor: Actor, file: Enterprise, count: int, programme: Programme, occasion: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Exam:  # fmt: skip
    """Draw persons of an enterprise by chance and let them sit a short exam at once.

    All that are at work there are in the draw; the seed is kept, so that anybody can draw again and see.

    :param file: one that the actor supervises. :raises Invalid: by field; fewer at work than are to be drawn, too.
    """
    actor.require(SPOT)
    if not actor.supervises:
        raise NotPermitted
    rules = policy()
    wrong: dict[str, Text] = {}
    pool = _drawn_from(actor, file)
    least = min(rules.spot_least, len(pool))
    if not pool:
        wrong["count"] = _("这家企业还没有登记在岗人员，不能抽考。")
    elif not least <= count <= rules.spot_most:
        wrong["count"] = _("每次抽考 %(least)s 至 %(most)s 人。") % {"least": least, "most": rules.spot_most}
    elif count > len(pool):
        wrong["count"] = _("在岗人员只有 %(there)s 人。") % {"there": len(pool)}
    if programme.is_for_regulators:
        wrong["programme"] = _("监管人员用监管人员的培训大纲，企业人员用其他大纲。")
    if not clean(occasion):
        wrong["occasion"] = _("请填写检查事由。")
    paper = spot_paper(rules.spot_questions, rules.major_share)
    if not wrong:
        # Nobody's posts are known yet: what is for everybody must suffice.
        missing = what_lacks(organisation=actor.organisation_id, paper=paper, kind=file.kind, roles=())
        if missing:
            wrong["count"] = "".join(missing)
    if wrong:
        raise Invalid(fields=wrong)
    seed = secrets.token_hex(16)
    exam = Exam(
        **file.row_scope(owner=actor.organisation_id), kind=ExamKind.SPOT,
        name=_("现场抽考：%(name)s") % {"name": file.enterprise.name if file.enterprise else ""},
        programme=programme, paper=paper, pass_mark=rules.spot_pass, minutes=rules.spot_minutes, opens_at=now,
        closes_at=now + SPOT_WINDOW, door=_letters(DOOR_LETTERS), file=file, draw_seed=seed, drawn_from=len(pool),
        occasion=clean(occasion)[:200], created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip

    def make() -> uuid.UUID:
        exam.save(force_insert=True)
        drawn = sorted(pool, key=lambda one: rank(seed, str(one.pk)))[:count]
        ExamSitting.objects.bulk_create([_candidate(actor, exam, person=one, now=now) for one in drawn])
        _note(actor, "training.spot.draw", exam, now, drawn=count, among=len(pool), seed=seed)
        publish("training.spot.drawn", exam, actor=actor, now=now, facts={"drawn": count})
        return exam.pk

    body = {"file": file.pk, "count": count, "programme": programme.pk, "occasion": exam.occasion}
    return _once(actor, client_id, "training.spot.draw", body, now, make)


def mark_absent(*, actor: Actor, sitting: ExamSitting, reason: str, now: datetime) -> ExamSitting | None:
    """Somebody drawn is not there: the next of the draw takes his place; returns him, None where nobody is left.

    :raises Invalid: no reason. :raises StaleState: he began, or the door is closed.
    """
    exam = sitting.exam
    _require_runner(actor, exam)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        Exam.objects.select_for_update(of=("self",), no_key=True).get(pk=exam.pk)
        waiting = ExamSitting.objects.filter(pk=sitting.pk, started_at__isnull=True, absent_at__isnull=True)
        if not exam.is_spot or exam.file is None or not exam.is_open(now):
            raise StaleState(_("考试已经结束或取消。"))
        if not waiting.update(absent_at=now, absent_reason=clean(reason)[:200]):
            raise StaleState
        there = set(ExamSitting.objects.filter(exam=exam).values_list("person", flat=True))
        order = sorted(_drawn_from(actor, exam.file), key=lambda one: rank(exam.draw_seed, str(one.pk)))
        following = next((one for one in order if one.pk not in there), None)
        made = None
        if following is not None:
            made = _candidate(actor, exam, person=following, now=now)
            made.save(force_insert=True)
        _note(actor, "training.spot.absent", exam, now, sitting=sitting.pk, reason=clean(reason)[:200])
    return made


def sit_again(
    *, actor: Actor, sitting: ExamSitting, now: datetime, client_id: uuid.UUID | None = None
) -> Exam:
    """A spot exam for one who failed one and did his hours, before he returns to his post.

    :raises Conflict: he did not fail, or owes hours still.
    """
    first = sitting.exam
    _require_runner(actor, first)
    if not first.is_spot or first.file is None or sitting.person is None or sitting.is_passed is not False:
        raise Conflict(_("只有抽考不合格的人员需要补考。"))
    failed = ExamSitting.objects.filter(
        person=sitting.person, exam__programme=first.programme, exam__kind=ExamKind.SPOT, is_passed=False
    )

    who = sitting.person

    def make() -> uuid.UUID:
        return _again(actor, sitting, who, failed, now)

    return _once(actor, client_id, "training.spot.again", {"sitting": str(sitting.pk)}, now, make)


def _again(
    actor: Actor, sitting: ExamSitting, who: Person, failed: QuerySet[ExamSitting], now: datetime
) -> uuid.UUID:
    first = sitting.exam
    newest = failed.order_by("-marked_at").values_list("marked_at", flat=True).first()
    if taught_since(who, first.programme, after=newest) is None:
        raise Conflict(_("该人员的离岗再培训学时还没有完成，不能补考。"))
    exam = Exam(
        **first.scope_columns(), kind=ExamKind.SPOT, name=_("%(name)s（补考）") % {"name": first.name},
        programme=first.programme, paper=first.paper, pass_mark=first.pass_mark, minutes=first.minutes, opens_at=now,
        closes_at=now + SPOT_WINDOW, door=_letters(DOOR_LETTERS), file=first.file, occasion=first.occasion,
        created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        exam.save(force_insert=True)
        row = _candidate(actor, exam, person=who, now=now)
        row.is_resit = True
        row.save(force_insert=True)
        _note(actor, "training.spot.again", exam, now, sitting=sitting.pk)
    return exam.pk


def spot_paper(count: int, major_share: int) -> dict[str, Any]:
    """The demand of a spot exam: closed questions alone, about half of one right answer, of marks that sum to 100."""
    several, judged = count // 5, count * 3 // 10
    return {
        "counts": {
            QuestionKind.SINGLE.value: count - several - judged, QuestionKind.MULTIPLE.value: several,
            QuestionKind.JUDGE.value: judged,
        },
        "marks": {}, "least": {}, "major_share": major_share, "role": "", "is_partial": False,
    }  # fmt: skip


def _once(
    actor: Actor, client_id: uuid.UUID | None, act: str, body: Mapping[str, Any], now: datetime,
    make: Callable[[], uuid.UUID],
) -> Exam:  # fmt: skip
    """Sent twice, it is arranged or drawn once."""
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return Exam.objects.get(pk=pk)


def _drawn_from(actor: Actor, file: Enterprise) -> list[Person]:
    return list(list_persons(actor=actor).at_work().filter(file=file).order_by("pk"))


def _scope(actor: Actor, only: Enterprise | None) -> dict[str, Any]:
    """An office's exam for one enterprise is seen there too; for several, or for users, by the office alone."""
    if only is None:
        return {"owner_org_id": actor.organisation_id, "reach": Reach.OWN}
    return only.row_scope(owner=actor.organisation_id)


def _candidate(
    actor: Actor, exam: Exam, *, now: datetime, person: Person | None = None, user: User | None = None
) -> ExamSitting:
    """A candidate, not yet stored. :raises Invalid: he must be taught anew first, or left."""
    code = _letters(CODE_LETTERS)
    is_resit = False
    if person is not None and not exam.is_spot:
        if person.left_date is not None:
            raise Invalid(fields={"persons": _("%(name)s已离岗。") % {"name": person.name}})
        chance = chance_of(
            person, exam.programme, now, taught_since=taught_since(person, exam.programme, after=None)
        )
        if chance.is_barred:
            told = {"name": person.name}
            raise Invalid(fields={"persons": _("%(name)s的补考机会已用完或已过期，须先重新完成培训学时。") % told})
        is_resit = chance.is_resit
    scope = person.file.row_scope(owner=exam.owner_org_id) if person else {"owner_org_id": exam.owner_org_id}
    return ExamSitting(
        **{"reach": Reach.OWN, **scope}, exam=exam, person=person, user=user, code=vault.seal(CODE, code),
        code_digest=digest_of(f"{exam.pk} {code}"), seed=secrets.token_hex(16), is_resit=is_resit, created_at=now,
    )  # fmt: skip


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(count))


def _require_runner(actor: Actor, exam: Exam) -> None:
    actor.require(SPOT if exam.is_spot else SET_EXAMS)
    if not runs(actor, exam):
        raise NotPermitted


def _note(actor: Actor, act: str, exam: Exam, now: datetime, **facts: Any) -> None:
    given: Mapping[str, Any] = {"exam": exam.name if not exam.is_spot else exam.occasion, **facts}
    journal.record(
        actor=actor, act=act, subject_type=Exam.row_type(), subject_id=exam.pk, org_id=exam.file_id, facts=given,
        now=now,
    )  # fmt: skip



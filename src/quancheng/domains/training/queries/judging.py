"""Whether a person may hold a post or do a kind of work on a day, with each reason and its basis (S1-5d).

This is what posts are given by, and what permits of special work ask. It reads; nothing is written here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.derived import two_key_one_major_of
from quancheng.domains.training.models import (
    Applies,
    Education,
    EducationLevel,
    HealthLimit,
    MajorField,
    Person,
    PersonPost,
    PersonQualification,
    Programme,
    ProgrammeKind,
    QualificationState,
    RequirementKind,
    RetrainingOrder,
    RoleRequirement,
    TitleLevel,
    WorkRole,
)
from quancheng.domains.training.models.certificates import COUNTS
from quancheng.domains.training.queries.certificates import qualifications_of_many
from quancheng.domains.training.queries.orders import bars_of
from quancheng.domains.training.queries.persons import limit_names, sees_health
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.queries.roles import role_of
from quancheng.domains.training.queries.standing import (
    Learned,
    entry_standing,
    is_excepted,
    learned_from,
    standings,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.words import listed

#: Kinds of reason: what health forbids, and the same for whoever may not know that it is health.
HEALTH, WITHHELD = "health", "withheld"
#: An open retraining order off the job.
ORDERED = "order"
#: Education before work that is missing or no longer holds (S2-16b).
ENTRY = "entry"
_EDUCATION = tuple(Education.values)
_TITLES = tuple(TitleLevel.values)
#: Which state of a certificate is told where several do not count: the nearest to counting.
_NEAREST = (
    QualificationState.DRAFT, QualificationState.EARLY, QualificationState.UNCHECKED, QualificationState.EXPIRED,
    QualificationState.REVOKED, QualificationState.REPLACED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person does not meet something, in the reader's language.

    :ivar kind: of :class:`RequirementKind`, or ``health``, ``left``, ``role``, ``order``, ``entry``, ``withheld``.
    :ivar bars: he may not hold the post or do the work; else it is a gap that is told.
    :ivar until: of a gap that may still be closed: the last day.
    """

    kind: str
    text: str
    basis: str
    bars: bool
    until: date | None = None

    @property
    def sentence(self) -> str:
        return _("%(text)s（%(basis)s）") % {"text": self.text, "basis": self.basis} if self.basis else self.text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was asked and what came of it.

    :ivar reasons: what he does not meet; empty where he meets all.
    :ivar good_until: the last day to which the certificates that were counted go on counting; None without end.
    """

    role: str
    day: date
    reasons: tuple[Reason, ...]
    good_until: date | None

    @property
    def may(self) -> bool:
        return not any(one.bars for one in self.reasons)

    @property
    def bars(self) -> tuple[Reason, ...]:
        return tuple(one for one in self.reasons if one.bars)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person for a verdict, loaded for many at once.

    :ivar is_two_key: his enterprise has one of two key points and one major.
    :ivar names: codes of health limits in the reader's language.
    """

    certificates: Sequence[PersonQualification]
    limits: Sequence[HealthLimit]
    is_two_key: bool
    names: Mapping[str, str] = field(default_factory=dict)
    #: Open retraining orders off the job.
    orders: Sequence[RetrainingOrder] = ()
    #: What he learned, and the programmes of the day; None where education is not asked.
    learned: Learned | None = None
    programmes: Sequence[Programme] = ()


Requirements = Mapping[uuid.UUID, Sequence[RoleRequirement]]


def may_hold(person: Person, role: WorkRole, day: date, *, posted: date | None = None) -> Verdict:
    """Whether a person may hold a post on a day.

    :param posted: since when he holds it; the day itself for one that is to be given.
    """
    known, required = _known([person], on=day)[person.pk], requirements_on(day, roles=[role.pk])
    return judge(person, role, day, posted=posted or day, known=known, required=required, is_post=True)


def may_work(person: Person, role: str | WorkRole, day: date) -> Verdict:
    """Whether a person may work in a role of special work on a day, as welder, guardian, scaffolder.

    Nobody has a grace here: work does not wait for the certificate.

    :param role: its code, or itself. :raises NotFound: no such role.
    """
    found = role_of(role) if isinstance(role, str) else role
    known, required = _known([person], on=day)[person.pk], requirements_on(day, roles=[found.pk])
    return judge(person, found, day, posted=None, known=known, required=required)


def as_told(verdict: Verdict, person: Person, *, actor: Actor) -> Verdict:
    """A verdict as the actor may hear it: whoever may ask any role must not learn by asking what health forbids.

    To the enterprise all is told, and to everybody what bars a post that the person holds. Else a reason of health is
    left out where another bars him too, and where it alone does, it gives no ground. He may not all the same.
    """
    health = [one for one in verdict.reasons if one.kind == HEALTH]
    if not health or sees_health(actor, person):
        return verdict
    if PersonPost.objects.filter(person=person, role__code=verdict.role, to_date__isnull=True).exists():
        return verdict
    others = tuple(one for one in verdict.reasons if one.kind != HEALTH)
    if not any(one.bars for one in others):
        others += (Reason(WITHHELD, _("不宜安排该作业，原因由其所在企业掌握"), "", bars=True),)
    return replace(verdict, reasons=others)


def requirements_on(day: date, *, roles: Collection[uuid.UUID] | None = None) -> Requirements:
    """Requirements that count on a day by role; one query."""
    rows = RoleRequirement.objects.on(day).select_related("certificate", "role").order_by("alternative", "code")
    if roles is not None:
        rows = rows.filter(role__in=list(roles))
    found: dict[uuid.UUID, list[RoleRequirement]] = defaultdict(list)
    for row in rows:
        found[row.role_id].append(row)
    return found


def judge(
    person: Person, role: WorkRole, day: date, *, posted: date | None, known: Known, required: Requirements,
    is_post: bool = False,
) -> Verdict:  # fmt: skip
    """The verdict from what is loaded; no query.

    :param posted: since when he holds the post; None for work that is no post, where nobody has a grace.
    """
    reasons: list[Reason] = []
    ends: list[date] = []
    if person.left_date is not None and person.left_date < day:
        reasons.append(Reason("left", _("已于%(day)s离岗") % {"day": person.left_date}, "", bars=True))
    if is_post and role.is_task_only:
        reasons.append(Reason("role", _("该角色只用于作业票，不是岗位"), "", bars=True))
    for order in known.orders:
        if order.ordered_date <= day:
            text = _("离岗再培训未完成：%(code)s，%(why)s") % {"code": order.code, "why": order.get_reason_display()}
            basis = _("培训考核不合格、违章等离岗再培训的，完成前不得上岗")
            reasons.append(Reason(ORDERED, text, basis, bars=True))
    entry = _entry_missing(person, role, day, known)
    if entry is not None:
        reasons.append(entry)
    held = {one.limit for one in known.limits if one.holds_on(day)}
    if barred := [one for one in role.barred_by if one in held]:
        words = listed(known.names.get(one, one) for one in barred)
        text = _("有职业禁忌，不宜从事：%(work)s") % {"work": words}
        basis = _("职业病防治法：不得安排有职业禁忌的劳动者从事其所禁忌的作业")
        reasons.append(Reason(HEALTH, text, basis, bars=True))
    for rows in _alternatives(required.get(role.pk, ())).values():
        asked = [one for one in rows if _applies(one, known, posted or day)]
        if asked and asked[0].kind == RequirementKind.HOURS and entry is not None:
            continue
        met = [end for one in asked for end in _met(one, person, known, day)]
        if met:
            # Of several that count the one that counts longest is what holds.
            ends.append(max(met))
        elif asked:
            reasons.append(_reason(asked, person, known, day, posted))
    last = min(ends, default=date.max)
    return Verdict(role.code, day, tuple(reasons), None if last == date.max else last)


def _entry_missing(person: Person, role: WorkRole, day: date, known: Known) -> Reason | None:
    """Nobody works or is given a post without the education before work (S2-16b)."""
    if known.learned is None:
        return None
    found = entry_standing(person, known.learned, known.programmes, role=role.code, on=day)
    if found is None:
        if is_excepted(role.code, known.programmes):
            return None
        return Reason(ENTRY, _("没有适用的上岗前安全教育培训大纲，不能确认已受教育"), "", bars=True)
    if found.done is not None and (found.until is None or found.until >= day):
        return None
    if found.done is not None:
        text = _("%(what)s已于%(day)s到期，须重新教育") % {"what": found.programme.shown, "day": found.until}
    elif found.exam_passed and not found.practice_passed and all(had >= needed for _level, needed, had in found.levels):
        text = _("%(what)s学时已满，实操考核未合格") % {"what": found.programme.shown}
    elif found.exam_passed or any(had < needed for _level, needed, had in found.levels):
        levels = listed(
            _("%(level)s%(had)s/%(needed)s学时") % {
                "level": EducationLevel(level).label, "had": f"{had:.1f}".removesuffix(".0"), "needed": needed
            }
            for level, needed, had in found.levels
        )  # fmt: skip
        text = _("%(what)s未完成：%(levels)s") % {"what": found.programme.shown, "levels": levels}
    else:
        text = _("%(what)s学时已满，考试未合格") % {"what": found.programme.shown}
        if not found.practice_passed:
            text += _("，实操考核未合格")
    return Reason(ENTRY, text, found.programme.shown_basis, bars=True)


def _has_hours(one: RoleRequirement, person: Person, known: Known, day: date) -> bool:
    """Whether the hours that a role asks are there: by a programme of entry or of heads that is done, or in sum."""
    assert known.learned is not None  # noqa: S101 - asked by the caller
    learned = replace(known.learned, posts={**known.learned.posts, one.role.code: day})
    of_kinds = [each for each in known.programmes if each.kind in (ProgrammeKind.ENTRY, ProgrammeKind.OFFICE)]
    found = standings(person, learned, of_kinds, on=day)
    return any(each.done is not None for each in found) or sum(each.had for each in found) >= (one.hours or 0)


# Many persons ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostVerdict:
    """A post that a person holds, and whether he may."""

    post: PersonPost
    verdict: Verdict


def verdicts_of(persons: Sequence[Person], *, on: date) -> dict[uuid.UUID, list[PostVerdict]]:
    """Posts held now or to be held by persons whom a query gave to the actor, judged on a day. Thirteen queries
    at most.
    """
    found: dict[uuid.UUID, list[PostVerdict]] = {one.pk: [] for one in persons}
    by_key = {one.pk: one for one in persons}
    posts = PersonPost.objects.filter(person__in=list(found), to_date__isnull=True).select_related("role")
    held = list(posts.order_by("from_date", "pk"))
    if not held:
        return found
    known = _known([by_key[pk] for pk in {one.person_id for one in held}], on=on, posts=held)
    required = requirements_on(on)
    for post in held:
        person, day = by_key[post.person_id], max(on, post.from_date)
        verdict = judge(
            person, post.role, day, posted=post.from_date, known=known[person.pk], required=required, is_post=True
        )
        found[person.pk].append(PostVerdict(post, verdict))
    return found


def _known(
    persons: Sequence[Person], *, on: date, posts: Sequence[PersonPost] | None = None
) -> dict[uuid.UUID, Known]:
    keys = [one.pk for one in persons]
    certificates = qualifications_of_many(keys)
    limits: dict[uuid.UUID, list[HealthLimit]] = defaultdict(list)
    for limit in HealthLimit.objects.filter(person__in=keys):
        limits[limit.person_id].append(limit)
    files = Enterprise.objects.in_bulk({one.file_id for one in persons})
    marks = two_key_one_major_of(files)
    names = limit_names() if limits else {}
    orders = bars_of(keys)
    if posts is None:
        rows = PersonPost.objects.filter(person__in=keys, to_date__isnull=True)
        posts = list(rows.select_related("role"))
    learned = learned_from(
        persons, on=on, kinds={pk: one.kind for pk, one in files.items()}, posts=posts,
        certificates=[card for cards in certificates.values() for card in cards],
    )  # fmt: skip
    programmes = programmes_on(on)
    return {
        one.pk: Known(
            certificates[one.pk], limits[one.pk], marks[one.file_id].holds, names, orders.get(one.pk, ()),
            learned[one.pk], programmes,
        )
        for one in persons
    }  # fmt: skip


# One requirement ---------------------------------------------------------------------------------------------------


def _alternatives(rows: Iterable[RoleRequirement]) -> dict[int, list[RoleRequirement]]:
    found: dict[int, list[RoleRequirement]] = defaultdict(list)
    for row in rows:
        found[row.alternative].append(row)
    return found


def _applies(one: RoleRequirement, known: Known, posted: date) -> bool:
    if one.applies == Applies.TWO_KEY_ONE_MAJOR and not known.is_two_key:
        return False
    return one.posted_since is None or posted >= one.posted_since


def _met(one: RoleRequirement, person: Person, known: Known, day: date) -> list[date]:
    """The last days on which what he has goes on meeting it; empty where he does not."""
    if one.kind == RequirementKind.CERTIFICATE:
        return [
            each.ends_date or date.max
            for each in known.certificates
            if each.kind_id == one.certificate_id and each.state_on(day) in COUNTS
        ]
    if one.kind == RequirementKind.EDUCATION:
        return [date.max] if _educated(one, person) else []
    if one.kind == RequirementKind.HOURS:
        return [date.max] if known.learned is None or _has_hours(one, person, known, day) else []
    age = person.age_on(day)
    return [date.max] if (one.min_age or 0) <= age <= (one.max_age or age) else []


def _educated(one: RoleRequirement, person: Person) -> bool:
    if one.min_title:
        return person.title_level in _TITLES[_TITLES.index(one.min_title) :]
    if person.education not in _EDUCATION[_EDUCATION.index(one.min_education) :]:
        return False
    return not one.major_fields or person.major_field in one.major_fields


def _reason(
    asked: Sequence[RoleRequirement], person: Person, known: Known, day: date, posted: date | None
) -> Reason:
    first = asked[0]
    until = None
    if posted is not None and first.grace_months:
        last = posted + relativedelta(months=first.grace_months)
        until = last if day <= last else None
    words = _alternatives_said(asked)
    if first.kind == RequirementKind.CERTIFICATE:
        text = _certificate_said(asked, known, day, words)
    elif first.kind == RequirementKind.EDUCATION:
        text = _("学历、职称不符合：须%(wanted)s") % {"wanted": words}
    elif first.kind == RequirementKind.HOURS:
        text = _("培训学时不符合：须%(wanted)s") % {"wanted": words}
    else:
        text = _("年龄不符合：%(age)s周岁，须%(wanted)s") % {"age": person.age_on(day), "wanted": words}
    if until is not None:
        text = _("%(text)s，应于%(day)s前取得") % {"text": text, "day": until}
    return Reason(first.kind, text, first.shown_basis, bars=first.is_strict and until is None, until=until)


def _certificate_said(asked: Sequence[RoleRequirement], known: Known, day: date, words: str) -> str:
    wanted = {one.certificate_id for one in asked}
    states = {one.state_on(day) for one in known.certificates if one.kind_id in wanted}
    nearest = next((one for one in _NEAREST if one in states), None)
    if nearest is None:
        return _("没有%(kind)s") % {"kind": words}
    return _("%(kind)s：%(state)s") % {"kind": words, "state": nearest.label}


def _alternatives_said(asked: Sequence[RoleRequirement]) -> str:
    return _("或").join(_wanted(one) for one in asked)


def _wanted(one: RoleRequirement) -> str:
    """What one requirement asks for, in words."""
    if one.certificate is not None:
        return _("%(group)s“%(name)s”") % {"group": one.certificate.get_group_display(), "name": one.certificate.shown}
    if one.kind == RequirementKind.EDUCATION and one.min_title:
        return _("%(level)s及以上化工、安全类职称") % {"level": one.get_min_title_display()}
    if one.kind == RequirementKind.EDUCATION:
        level = one.get_min_education_display()
        if not one.major_fields:
            return _("%(level)s及以上学历") % {"level": level}
        fields = listed(str(MajorField(each).label) for each in one.major_fields)
        return _("%(level)s及以上学历（%(fields)s）") % {"level": level, "fields": fields}
    if one.kind == RequirementKind.HOURS:
        return _("培训%(hours)s学时") % {"hours": one.hours}
    parts = []
    if one.min_age is not None:
        parts.append(_("年满%(age)s周岁") % {"age": one.min_age})
    if one.max_age is not None:
        parts.append(_("不超过%(age)s周岁") % {"age": one.max_age})
    return listed(parts)


def said(one: RoleRequirement) -> str:
    """What a requirement asks for, for the page of its role."""
    return _wanted(one)

"""Who runs key regulated processes (重点监管工艺操作人员) and major hazards (重大危险源操作人员), with what their posts
ask of them (S1-4e, S4-C3.3.1c).

Certificates, education and orders off the job are read as they stand on the day. All else that a post asks (education
before work with its exam, health, age, hours) is what :mod:`.judging` found when the file was measured last: at each
act on it, and each night. There is no second judgement here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, IntegerField, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy

from quancheng.domains.training.models import (
    Education,
    Person,
    PersonPost,
    PersonQualification,
    RequirementKind,
    RetrainingOrder,
    RoleRequirement,
    TitleLevel,
)
from quancheng.domains.training.models.certificates import COUNTS, QualificationState
from quancheng.domains.training.queries.judging import ENTRY, HEALTH, ORDERED, WITHHELD
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages.words import listed

#: The role of who runs a process. The catalogue of special operations has none for the three of the second batch:
#: their operators work in the common role, which asks for no card of the process. [G]
ROLES: Mapping[str, str] = {
    "P01": "phosgenation_operator", "P02": "chloralkali_operator", "P03": "chlorination_operator",
    "P04": "nitration_operator", "P05": "ammonia_operator", "P06": "cracking_operator", "P07": "fluorination_operator",
    "P08": "hydrogenation_operator", "P09": "diazotisation_operator", "P10": "oxidation_operator",
    "P11": "peroxidation_operator", "P12": "amination_operator", "P13": "sulphonation_operator",
    "P14": "polymerisation_operator", "P15": "alkylation_operator", "P16": "process_operator",
    "P17": "process_operator", "P18": "process_operator",
}  # fmt: skip
#: In place of a process: operation at a major hazard (重大危险源), for which education is asked and no certificate.
HAZARD = "MH"
_ROLES: Mapping[str, str] = {**ROLES, HAZARD: "hazard_operator"}
_TITLES = tuple(TitleLevel.values)


#: What is read of the day itself, beside the verdict that is kept.
_OF_THE_DAY = (str(RequirementKind.CERTIFICATE), str(RequirementKind.EDUCATION), ORDERED)
#: Nobody has judged the post yet: after an upgrade, until the next minutes' clock.
UNJUDGED = "unjudged"
_KINDS: Mapping[str, Text] = {
    UNJUDGED: gettext_lazy("任职要求尚未核对"),
    ENTRY: gettext_lazy("上岗前安全教育或考试未完成"), HEALTH: gettext_lazy("有职业禁忌"),
    WITHHELD: gettext_lazy("不宜从事，原因由其所在企业掌握"), "left": gettext_lazy("已离岗"),
    "role": gettext_lazy("该角色不是岗位"), **{str(one.value): one.label for one in RequirementKind},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who holds the role of a process, or of operation at a major hazard.

    :ivar name: empty for whoever may not look at people, or at him; so are ``person_id`` and ``ends``.
    :ivar is_asked: the role asks for a certificate.
    :ivar state: of the certificate that counts best, one of :class:`QualificationState`; empty: he holds none.
    :ivar lacks: of the certificates that the role asks of who holds it since that day, one is not there.
    :ivar is_barred: an open retraining order takes him off the job.
    :ivar bars: kinds of what else of the post he does not meet, as :class:`.judging.Reason` has them.
    :ivar ends: the last day on which that certificate counts; None without end, and without a certificate.
    :ivar needs_schooling: the role asks for an education of who holds it since that day.
    :ivar lacks_schooling: he has not that education. It is told and bars nobody.
    """

    person_id: uuid.UUID | None
    name: str
    role: str
    is_asked: bool
    state: str
    ends: date | None
    lacks: bool = False
    is_barred: bool = False
    needs_schooling: bool = False
    lacks_schooling: bool = False
    bars: tuple[str, ...] = ()

    @property
    def may(self) -> bool:
        """Whether nothing that his post asks bars him."""
        return not self.is_barred and not self.bars and not (self.is_asked and self.lacks)

    @property
    def is_expiring(self) -> bool:
        return self.is_asked and self.state == QualificationState.EXPIRING


def operators_json(*, actor: Actor, file: OuterRef, on: date) -> ArraySubquery:
    """A column: the operators of key processes and major hazards at work in a file, for :func:`operators_from`.

    All of the file are counted, whatever the actor sees of them: how many hold a card names nobody. Names and dates
    stand only where he has the duty to look at people and sees the person.
    """
    required = RoleRequirement.objects.on(on).filter(kind=RequirementKind.CERTIFICATE)
    cards: Any = PersonQualification.objects.standing().with_state(on=on)
    best = (
        cards.filter(
            person=OuterRef("person"),
            kind__in=required.filter(role=OuterRef(OuterRef("role"))).values("certificate"),
        )
        .annotate(rank=Case(When(state__in=COUNTS, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .order_by("rank", F("ends_date").desc(nulls_first=True), "pk")
        .values(row=JSONObject(state="state", ends="ends_date"))[:1]
    )
    # Of each group of alternatives one card counts; what applies to some enterprises alone is asked of all here.
    asked = required.filter(
        Q(posted_since__isnull=True) | Q(posted_since__lte=OuterRef("from_date")), role=OuterRef("role")
    )
    held = cards.filter(
        person=OuterRef(OuterRef("person")), state__in=COUNTS,
        kind__in=required.filter(
            role=OuterRef(OuterRef("role")), alternative=OuterRef(OuterRef("alternative"))
        ).values("certificate"),
    )  # fmt: skip
    schooling = _schooling(on)
    bars = RetrainingOrder.objects.filter(
        person=OuterRef("person"), status="OPEN", off_post=True, ordered_date__lte=on
    )
    seen: QuerySet[Person] = Person.objects.visible_to(actor).filter(pk=OuterRef("person"))
    named = {}
    posts = PersonPost.objects.filter(
        person__file=file, person__left_date__isnull=True, role__code__in=set(_ROLES.values()), to_date__isnull=True,
        from_date__lte=on,
    ).annotate(
        education_rank=_rank("person__education", Education.values), title_rank=_rank("person__title_level", _TITLES),
    ).annotate(
        card=Subquery(best, output_field=JSONField()), is_asked=Exists(asked),
        lacks=Exists(asked.filter(~Exists(held))), is_barred=Exists(bars),
        needs_schooling=Exists(schooling), lacks_schooling=Exists(schooling.filter(~Exists(_schooled(on)))),
    )  # fmt: skip
    if actor.has(VIEW):
        posts = posts.annotate(is_seen=Exists(seen))
        named = {
            "person": Case(When(is_seen=True, then=F("person_id")), default=None),
            "name": Case(When(is_seen=True, then=F("person__name")), default=Value("")),
        }
    return ArraySubquery(
        posts.order_by("person__pinyin", "pk").values(
            row=JSONObject(
                role="role__code", card="card", is_asked="is_asked", lacks="lacks", is_barred="is_barred",
                needs_schooling="needs_schooling", lacks_schooling="lacks_schooling", bars="barred_by", **named
            )
        ),
    )


def _rank(field: str, order: Sequence[str]) -> Case:
    """A column: how high a level stands, from 1; what nobody told is 0."""
    places = [When(**{field: code}, then=Value(place)) for place, code in enumerate(order, 1)]
    return Case(*places, default=Value(0), output_field=IntegerField())


def _schooling(on: date) -> QuerySet[RoleRequirement]:
    """The education that the role of a post asks of who holds it since its day."""
    return RoleRequirement.objects.on(on).filter(
        Q(posted_since__isnull=True) | Q(posted_since__lte=OuterRef("from_date")), role=OuterRef("role"),
        kind=RequirementKind.EDUCATION,
    )  # fmt: skip


def _schooled(on: date) -> QuerySet[RoleRequirement]:
    """Of one group of alternatives, what the person of the post meets."""
    post = "education_rank", "title_rank", "person__major_field"
    education, title, major = (OuterRef(OuterRef(name)) for name in post)
    rows = RoleRequirement.objects.on(on).annotate(
        education_asked=_rank("min_education", Education.values), title_asked=_rank("min_title", _TITLES)
    )
    by_title = Q(title_asked__gt=0, title_asked__lte=title)
    of_field = Q(major_fields=[]) | Q(major_fields__contains=[major])
    by_education = Q(title_asked=0, education_asked__lte=education) & of_field
    return rows.filter(
        by_title | by_education, role=OuterRef("role"), alternative=OuterRef("alternative"),
        kind=RequirementKind.EDUCATION,
    )  # fmt: skip


def operators_from(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Operator]]:
    """What :func:`operators_json` gave, by process, and of major hazards under :data:`HAZARD`; no query."""
    by_role: dict[str, list[Operator]] = {}
    for row in rows:
        card = row["card"] or {}
        one = Operator(
            uuid.UUID(row["person"]) if row.get("person") else None, row.get("name", ""), row["role"], row["is_asked"],
            card.get("state", ""), date.fromisoformat(card["ends"]) if row.get("person") and card.get("ends") else None,
            row["lacks"], row["is_barred"], row["needs_schooling"], row["lacks_schooling"],
            _told([UNJUDGED] if row["bars"] is None else row["bars"], is_named=bool(row.get("person"))),
        )  # fmt: skip
        by_role.setdefault(one.role, []).append(one)
    return {process: by_role.get(role, []) for process, role in _ROLES.items()}


def bars_said(one: Operator) -> str:
    """What else of his post an operator does not meet, in the reader's language; empty where nothing."""
    return listed(str(_KINDS.get(kind, kind)) for kind in one.bars)


def _told(kinds: Sequence[str], *, is_named: bool) -> tuple[str, ...]:
    """Of whom the reader may not see he learns that he may not, never that it is his health."""
    found = [kind for kind in kinds if kind not in _OF_THE_DAY]
    if not is_named:
        found = [WITHHELD if kind == HEALTH else kind for kind in found]
    return tuple(dict.fromkeys(found))

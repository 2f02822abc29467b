"""Who runs key regulated processes (重点监管工艺操作人员), with the certificate that the process asks for (S1-4e)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, IntegerField, JSONField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from quancheng.domains.training.models import Person, PersonPost, PersonQualification, RequirementKind, RoleRequirement
from quancheng.domains.training.models.certificates import COUNTS, QualificationState
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor

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


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who holds the role of a process.

    :ivar name: empty for whoever may not look at people; so are ``person_id`` and ``ends``.
    :ivar is_asked: the role asks for a certificate.
    :ivar state: of the certificate that counts best, one of :class:`QualificationState`; empty: he holds none.
    :ivar ends: the last day on which that certificate counts; None without end, and without a certificate.
    """

    person_id: uuid.UUID | None
    name: str
    role: str
    is_asked: bool
    state: str
    ends: date | None

    @property
    def may(self) -> bool:
        """Whether he has the card, or needs none."""
        return not self.is_asked or self.state in COUNTS

    @property
    def is_expiring(self) -> bool:
        return self.is_asked and self.state == QualificationState.EXPIRING


def operators_json(*, actor: Actor, file: OuterRef, on: date) -> ArraySubquery:
    """A column: the operators of key processes at work in a file, as :func:`operators_from` reads them.

    Whoever lacks the duty to look at people gets them without names and dates: how many hold a card names nobody.
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
    seen: QuerySet[Person] = Person.objects.visible_to(actor).filter(left_date__isnull=True)
    named = {"person": "person_id", "name": "person__name"} if actor.has(VIEW) else {}
    posts = PersonPost.objects.filter(
        person__file=file, person__in=seen.order_by().values("pk"), role__code__in=set(ROLES.values()),
        to_date__isnull=True, from_date__lte=on,
    )  # fmt: skip
    posts = posts.annotate(
        card=Subquery(best, output_field=JSONField()), is_asked=Exists(required.filter(role=OuterRef("role")))
    )
    return ArraySubquery(
        posts.order_by("person__pinyin", "pk").values(
            row=JSONObject(role="role__code", card="card", is_asked="is_asked", **named)
        ),
    )


def operators_from(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Operator]]:
    """What :func:`operators_json` gave, by process; no query."""
    by_role: dict[str, list[Operator]] = {}
    for row in rows:
        card = row["card"] or {}
        one = Operator(
            uuid.UUID(row["person"]) if row.get("person") else None, row.get("name", ""), row["role"], row["is_asked"],
            card.get("state", ""), date.fromisoformat(card["ends"]) if row.get("person") and card.get("ends") else None,
        )  # fmt: skip
        by_role.setdefault(one.role, []).append(one)
    return {process: by_role.get(role, []) for process, role in ROLES.items()}

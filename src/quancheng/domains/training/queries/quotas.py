"""How many people of a post law makes each unit employ, and how many it has (S4-C3.3.3c)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Ceil, Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Person,
    PersonPost,
    PersonQualification,
    RoleRequirement,
    StaffQuota,
    WorkRole,
)
from quancheng.domains.training.models.certificates import COUNTS
from quancheng.domains.training.models.quotas import StaffQuotaQuerySet
from quancheng.domains.training.queries.staffing import SAFETY_MANAGER
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: The role that is looked at where none is named.
FIRST = "safety_engineer"


class QuotaState(TextChoices):
    """Whether a unit has whom it must (配备情况)."""

    LACKING = "lacking", _("配备不足")
    UNFIT = "unfit", _("有人无有效证书")
    UNKNOWN = "unknown", _("从业人数未填，应配人数不明")
    MET = "met", _("已配备")


def list_quotas() -> StaffQuotaQuerySet:
    """All that there ever were, in their order."""
    return StaffQuota.objects.select_related("role").order_by("position", "code")


def get_quota(*, quota_id: uuid.UUID) -> StaffQuota:
    found = list_quotas().filter(pk=quota_id).first()
    if found is None:
        raise NotFound
    return found


def quota_roles(on: date) -> list[WorkRole]:
    """Roles of which law asks a number on a day; one query."""
    asked = StaffQuota.objects.on(on).values("role")
    return list(WorkRole.objects.filter(pk__in=asked).order_by("position", "code"))


def with_quota(rows: QuerySet[Enterprise], role: str, *, actor: Actor, on: date) -> QuerySet[Enterprise]:
    """Of some units those that must employ holders of a role, with ``managers`` (safety managers at work),
    ``required``, ``held`` (at work, with a certificate that the role requires and that counts on the day), ``unfit``
    (without one), ``lacking`` and ``quota_state``; those that lack most first. Two queries.

    :param rows: of :func:`.coverage.list_units`.

    A unit that does not say how many people it has is asked for no share, and is not said to meet it.
    """
    quotas = list(StaffQuota.objects.on(on).filter(role__code=role))
    kinds = {kind for one in quotas for kind in one.kinds}
    seen = Person.objects.visible_to(actor).filter(left_date__isnull=True)
    posts = PersonPost.objects.filter(
        person__in=seen.values("pk"), person__file=OuterRef("pk"), to_date__isnull=True, from_date__lte=on
    ).order_by()
    proofs = RoleRequirement.objects.on(on).filter(role__code=role, certificate__isnull=False)
    valid: Any = PersonQualification.objects.with_state(on=on)
    valid = valid.filter(person=OuterRef("person"), kind__in=proofs.values("certificate"), state__in=COUNTS)
    holders = posts.filter(role__code=role)
    told = rows.filter(kind__in=kinds).annotate(
        managers=_count(posts.filter(role__code=SAFETY_MANAGER)), held=_count(holders.filter(Exists(valid))),
        unfit=_count(holders.filter(~Exists(valid))),
    ).annotate(required=_required(quotas))  # fmt: skip
    shared = {kind for one in quotas if one.share_percent for kind in one.kinds}
    unknown = Q(kind__in=shared, staff_count__isnull=True)
    told = told.annotate(lacking=Greatest(F("required") - F("held"), 0)).annotate(
        quota_state=Case(
            When(lacking__gt=0, then=Value(QuotaState.LACKING.value)),
            When(unfit__gt=0, then=Value(QuotaState.UNFIT.value)),
            When(unknown, then=Value(QuotaState.UNKNOWN.value)),
            default=Value(QuotaState.MET.value), output_field=CharField(),
        )
    )  # fmt: skip
    return told.order_by("-lacking", "pinyin", "pk")


def _count(posts: QuerySet[PersonPost]) -> Coalesce:
    number = posts.values("person__file").annotate(number=Count("person", distinct=True)).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def _required(quotas: Sequence[StaffQuota]) -> Combinable:
    asked: list[Any] = [Value(0), Value(0)]
    for one in quotas:
        share = Cast(Ceil(F("managers") * Value(one.share_percent) / Value(100.0)), IntegerField())
        large = Case(When(staff_count__gt=one.staff_over, then=share), default=Value(0), output_field=IntegerField())
        number = Greatest(Value(one.least), large) if one.share_percent else Value(one.least)
        asked.append(Case(When(kind__in=one.kinds, then=number), default=Value(0), output_field=IntegerField()))
    return Greatest(*asked, output_field=IntegerField())

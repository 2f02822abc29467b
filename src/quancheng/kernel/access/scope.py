"""The rule of scope in memory, for event streams: the twin of ``visible_q``, kept equal by a property test."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach, Scoped, Share, subject_type_of
from quancheng.kernel.areas.queries import path_of


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope columns of one row as they travel with an event; no personal data.

    :ivar area_path: stored path of the row's area; empty where the row concerns the whole district.
    """

    owner_org: str
    enterprise: str = ""
    area_path: str = ""
    links: tuple[str, ...] = ()
    reach: str = Reach.CHAIN
    shared_orgs: tuple[str, ...] = ()
    shared_users: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        return cls(**plain)


def scope_of(row: Scoped) -> Scope:
    """The scope of a row with its live shares: one query, or two where the area is not loaded nor met before."""
    return scopes_of([row])[row.pk]


def scopes_of(rows: Iterable[Scoped]) -> dict[uuid.UUID, Scope]:
    """The scopes of rows of one kind, by their keys: one query for all, where their areas are loaded or were met."""
    listed = list(rows)
    if not listed:
        return {}
    orgs: dict[uuid.UUID, set[str]] = {row.pk: set() for row in listed}
    users: dict[uuid.UUID, set[str]] = {row.pk: set() for row in listed}
    shares = Share.objects.live().filter(subject_type=subject_type_of(listed[0]), subject_id__in=list(orgs))
    for subject, org, user in shares.values_list("subject_id", "to_org_id", "to_user_id"):
        orgs[subject].update({str(org)} if org else ())
        users[subject].update({str(user)} if user else ())
    return {
        row.pk: Scope(
            owner_org=str(row.owner_org_id), enterprise=_text(row.enterprise_id),
            area_path=path_of(row.area_id) if row.area_id else "", links=tuple(sorted(row.links)), reach=row.reach,
            shared_orgs=tuple(sorted(orgs[row.pk])), shared_users=tuple(sorted(users[row.pk])),
        )
        for row in listed
    }  # fmt: skip


def covers(actor: Actor, scope: Scope) -> bool:
    """Whether the actor may see a row of this scope; decides as ``visible_to`` does."""
    if actor.is_system:
        return True
    if actor.administrator or actor.organisation_id is None:
        return False
    me = str(actor.organisation_id)
    if scope.owner_org == me or scope.reach == Reach.PUBLIC or me in scope.shared_orgs:
        return True
    if actor.user_id is not None and str(actor.user_id) in scope.shared_users:
        return True
    if scope.enterprise == me and scope.reach == Reach.PARTY:
        return True
    return _supervises(actor, scope)


def _supervises(actor: Actor, scope: Scope) -> bool:
    if not actor.supervises or scope.reach not in (Reach.CHAIN, Reach.PARTY):
        return False
    if not actor.general and not actor.links.intersection(scope.links):
        return False
    if actor.whole_district:
        return True
    return bool(actor.area_path) and scope.area_path.startswith(actor.area_path)


def _text(value: uuid.UUID | None) -> str:
    return "" if value is None else str(value)

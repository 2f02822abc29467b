"""Reads of the roles in which people work."""

from __future__ import annotations

import uuid
from datetime import date

from quancheng.domains.training.models import RoleRequirement, WorkRole
from quancheng.domains.training.models.roles import WorkRoleQuerySet
from quancheng.kernel.errors import NotFound


def list_roles() -> WorkRoleQuerySet:
    """All that there ever were, in their order."""
    return WorkRole.objects.order_by("position", "code")


def roles_on(day: date, *, posts_only: bool = False) -> list[WorkRole]:
    """Roles that count on a day; without those that are no posts where it is asked."""
    rows = WorkRole.objects.on(day).order_by("position", "code")
    return list(rows.filter(is_task_only=False) if posts_only else rows)


def get_role(*, role_id: uuid.UUID) -> WorkRole:
    found = WorkRole.objects.filter(pk=role_id).first()
    if found is None:
        raise NotFound
    return found


def role_of(code: str) -> WorkRole:
    """The role under a code. :raises NotFound: there is none."""
    found = WorkRole.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def requirements_of(role: WorkRole) -> list[RoleRequirement]:
    """All that a role ever required, those that share an alternative together."""
    rows = RoleRequirement.objects.filter(role=role).select_related("certificate")
    return list(rows.order_by("valid_to", "alternative", "code"))


def get_requirement(*, requirement_id: uuid.UUID) -> RoleRequirement:
    found = RoleRequirement.objects.filter(pk=requirement_id).select_related("role", "certificate").first()
    if found is None:
        raise NotFound
    return found

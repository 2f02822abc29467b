"""Views of lists that a person saved for himself."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, *, user_id: uuid.UUID | None, page: str) -> Self:
        """One person's views of one list, in their order; nobody sees another's."""
        return self.filter(user_id=user_id, user_id__isnull=False, page=page).order_by("created_at", "pk")


class SavedView(models.Model):
    """A named query of a list (已存视图), seen by its owner alone.

    Retention class: personal setting, with the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    #: Code of the list, e.g. ``duty.tasks``.
    page = models.CharField(max_length=60)
    name = models.CharField(_("视图名称"), max_length=30)
    #: Normal form of the query string: parameters in the order of the list, without page number.
    query = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name

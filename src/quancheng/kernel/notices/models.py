"""Notices (消息): what the house tells a person, in the reader's language."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.ids import uuid7


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own alone: a notice is to a person, whichever of his places he acts through."""
        if actor.user_id is None:
            return self.none()
        return self.filter(user=actor.user_id)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One notice to one person. Retention class: technical, 365 days after it was read.

    ``data`` fills the placeholders of the kind's text (:mod:`quancheng.kernel.notices.texts`), so that a notice
    reads Chinese or English as its reader does. Titles of rows stand in it, personal data do not.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    kind = models.CharField(_("类别"), max_length=60)
    data = models.JSONField(default=dict)
    #: What it is about; empty where it speaks of several things.
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    #: A second notice under the same key joins the first, as long as the day lasts: reminders of one day are one.
    gather_key = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "gather_key"], condition=~Q(gather_key=""), name="notice_gathered")
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_inbox"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

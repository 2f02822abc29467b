"""Rows that run through a loop, and the record of each move."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Scoped
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.declare import Loop, loop_of


class LoopRow(Scoped):
    """A scoped row with a state. Only :func:`quancheng.kernel.loops.services.move` writes ``status``."""

    #: The code of the loop, set by each concrete model.
    loop_code: ClassVar[str]

    status = models.CharField(_("状态"), max_length=30)
    loop_version = models.PositiveSmallIntegerField(default=1, editable=False)
    status_at = models.DateTimeField(_("进入状态时间"), editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    @property
    def loop(self) -> Loop:
        """The loop in the version under which this row began."""
        return loop_of(self.loop_code, self.loop_version)

    @property
    def status_label(self) -> str:
        state = self.loop.states.get(self.status)
        return str(state.label) if state else self.status

    @property
    def is_closed(self) -> bool:
        return self.loop.states[self.status].is_final


class MoveRecord(models.Model):
    """One move that was made (流转记录). Only ever added. Retention class: permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    loop_code = models.CharField(max_length=60)
    loop_version = models.PositiveSmallIntegerField()
    #: Empty for the entry into the loop.
    move = models.CharField(max_length=40)
    source = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=30)
    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    #: Under which name it was made: a person's, also of a deputy with the name he stands in for, or the system actor's.
    actor_name = models.CharField(max_length=130)
    at = models.DateTimeField()
    #: The device's own time where the move was made offline; ``at`` is when it arrived.
    device_at = models.DateTimeField(null=True)
    given = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="move_by_subject")]

    def __str__(self) -> str:
        return f"{self.loop_code}.{self.move or 'enter'} {self.subject_id}"

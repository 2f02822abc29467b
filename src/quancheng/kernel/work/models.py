"""Work items (待办): the one table that inbox, overdue lists, calendar, supervision and statistics read."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Upper
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField

#: When a step must be looked at next. The order of every list of steps, so the indexes below know it.
NEXT_AT = Coalesce("due_at", "review_at")


class WorkItemQuerySet(ScopedQuerySet["WorkItem"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)

    def overdue(self, *, now: datetime) -> Self:
        """Open items whose deadline has passed; a review date is no deadline."""
        return self.open().filter(due_at__lt=now)

    def most_urgent_first(self) -> Self:
        return self.annotate(next_at=NEXT_AT).order_by(F("next_at").asc(nulls_last=True), "pk")


class WorkItem(Scoped):
    """One owed step: of an organisation (``owner_org``) and a duty, and optionally of one person.

    The other scope columns are those of the row it belongs to. Retention class: permanent.
    """

    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    loop_code = models.CharField(max_length=60)
    loop_version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=30)
    duty = models.CharField(max_length=80)
    title = models.CharField(_("事项"), max_length=300)
    person = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(_("办理期限"), null=True)
    review_at = models.DateTimeField(_("复核日期"), null=True)
    #: Years whose working days nobody had entered when the dates were set: they were counted by the week alone.
    assumed_years = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    urged_at = models.DateTimeField(null=True)
    urged_count = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: The move that ended it; empty where the row was closed otherwise.
    outcome = models.CharField(max_length=40, blank=True)
    #: Kind of ladder that it climbs when late; empty for the reminder alone.
    ladder = models.CharField(max_length=30, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=False) | Q(review_at__isnull=False), name="work_item_has_a_date"
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(done_at__isnull=True), name="work_item_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["owner_org", "duty", "due_at"], condition=Q(done_at__isnull=True), name="work_inbox"),
            models.Index(fields=["person", "due_at"], condition=Q(done_at__isnull=True), name="work_person"),
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="work_due"),
            models.Index("owner_org", NEXT_AT, "id", condition=Q(done_at__isnull=True), name="work_mine_next"),
            models.Index(NEXT_AT, "id", condition=Q(done_at__isnull=True), name="work_next"),
            models.Index(fields=["subject_type", "subject_id", "entered_at"], name="work_subject"),
            models.Index(fields=["owner_org", "done_at"], name="work_done"),
            # In capitals, since that is what ``icontains`` asks for.
            GinIndex(
                OpClass(Upper("title"), name="gin_trgm_ops"), condition=Q(done_at__isnull=True), name="work_title_trgm"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def assumption(self) -> str:
        """What stands beside a date that rests on a guess; empty where it rests on the calendar."""
        if not self.assumed_years:
            return ""
        years = "、".join(map(str, self.assumed_years))
        return gettext("%(years)s年放假安排尚未录入，按周末推算") % {"years": years}


class WorkAct(models.Model):
    """What was done with an item itself: taken, handed on, returned, urged (领办、转办、退回、催办), or dated anew.

    Append only. Retention class: permanent.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="acts")
    act = models.CharField(max_length=12)
    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    to_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: Name of the absent colleague for whom a deputy acted (代); empty for one's own act.
    instead_of = models.CharField(max_length=60, blank=True, db_default="")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.act} {self.item_id}"

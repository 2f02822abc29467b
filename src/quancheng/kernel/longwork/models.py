"""One row for each piece of long work: whose it is, what was asked, how far it is, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.ids import uuid7

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor


class State(models.TextChoices):
    """Where a piece of long work stands (任务状态)."""

    WAITING = "waiting", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", pgettext_lazy("long work", "执行失败")
    CANCELLED = "cancelled", _("已取消")


OPEN = (State.WAITING, State.RUNNING)


class LongWorkQuerySet(models.QuerySet["LongWork"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own, in the place where it was asked for: its file holds what that place may see.

        A token with some of the place's duties sees what was begun with no more than these.
        """
        if actor.user_id is None or actor.membership_id is None:
            return self.none()
        mine = self.filter(user=actor.user_id, membership=actor.membership_id)
        if actor.is_narrowed:
            mine = mine.filter(powers__is_chief=False, powers__duties__contained_by=sorted(actor.duties))
        return mine

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class LongWork(models.Model):
    """A piece of long work (后台任务). Retention class: technical, 90 days after its end.

    Its file is held under the role ``result`` and deleted earlier, at ``expires_at``.
    """

    #: Its page, for notices.
    url_name = "longwork:work"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    kind = models.CharField(_("类别"), max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    #: What was asked for, as its kind reads it; no personal data.
    params = models.JSONField(default=dict)
    #: Duties (``duties``) and headship (``is_chief``) of whoever asked: it runs with these at the most, so that what
    #: a token began has no more power than the token.
    powers = models.JSONField(default=dict)
    language = models.CharField(max_length=10)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(_("已处理"), default=0)
    #: Null as long as it is not known.
    total = models.PositiveIntegerField(_("总数"), null=True)
    #: Each start counts; only the latest may write an end.
    attempt = models.PositiveSmallIntegerField(default=0)
    #: Of the queue's row that works on it.
    job_id = models.BigIntegerField()
    message = models.TextField(_("结果"), blank=True)
    #: The page on which the result stands, where it is no file.
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("提交时间"))
    began_at = models.DateTimeField(_("开始时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    #: When the file of the result is deleted.
    expires_at = models.DateTimeField(_("文件保留至"), null=True)

    objects = LongWorkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), ended_at__isnull=True)
                | Q(state__in=("done", "failed", "cancelled"), ended_at__isnull=False),
                name="long_work_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "-created_at"], name="long_work_mine"),
            models.Index(fields=["ended_at"], name="long_work_ended"),
            models.Index(fields=["job_id"], condition=Q(state__in=("waiting", "running")), name="long_work_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse(self.url_name, args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int | None:
        """Whole per cent, 100 only at the end; None where the total is not known."""
        if self.state == State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else None

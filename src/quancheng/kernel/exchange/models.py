"""Webhooks (事件推送) with their deliveries; imports (导入) with their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.exchange.imports.declare import all_registers
from quancheng.kernel.ids import uuid7

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of one's own organisation."""
        if actor.is_system:
            return self.all()
        if actor.organisation_id is None or actor.administrator:
            return self.none()
        return self.filter(membership__organisation=actor.organisation_id)

    def live(self) -> Self:
        return self.filter(disabled_at__isnull=True)


class Webhook(models.Model):
    """One receiver. It hears what its membership may see, at the time of each event and of each delivery.

    Retention class: record of acts, 5 years after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    name = models.CharField(_("用途"), max_length=60)
    url = models.CharField(_("接收地址"), max_length=500)
    #: Patterns of kinds, e.g. ``duty.task.*``.
    patterns = ArrayField(models.CharField(max_length=100), verbose_name=_("事件种类"))
    #: The signing secret, sealed by the vault.
    secret = models.TextField(editable=False)
    created_at = models.DateTimeField()
    #: Failures since the last success; at a limit the webhook is disabled.
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)
    #: ``person`` or ``failures``.
    disabled_why = models.CharField(max_length=12, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_why="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_why=""),
                name="webhook_disabled_has_reason",
            )
        ]
        indexes = [
            models.Index(fields=["membership"], name="webhook_membership"),
            models.Index(fields=["id"], condition=Q(disabled_at__isnull=True), name="webhook_live"),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one receiver (推送记录): waiting, delivered, failed for good, or dropped since no longer allowed.

    Retention class: technical, 90 days.
    """

    STATES = (
        ("waiting", _("待推送")),
        ("delivered", _("已送达")),
        ("failed", _("推送失败")),
        ("dropped", _("已取消")),
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    kind = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    #: Scope of the row at the time of the event.
    scope = models.JSONField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    #: HTTP status of the last answer; null where there was none.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed", "dropped"]), name="webhook_delivery_state"
            ),
        ]
        indexes = [models.Index(fields=["webhook", "-created_at"], name="webhook_delivery_log")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class ImportState(models.TextChoices):
    """How far an import is (导入状态)."""

    CHECKED = "checked", _("待确认")
    BAD = "bad", _("有错误")
    COMMITTED = "committed", _("已导入")
    UNDONE = "undone", pgettext_lazy("import", "已撤销")


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of one's own organisation into registers whose import duty one holds."""
        if actor.organisation_id is None:
            return self.none()
        mine = [entry.code for entry in all_registers() if actor.has(entry.duty)]
        return self.filter(organisation=actor.organisation_id, register__in=mine)


class ImportRun(models.Model):
    """One uploaded sheet: its dry run, and what became of it (导入). The file is held by it, or sealed in it.

    Retention class: record of acts, 5 years; one that nobody committed is deleted after 7 days.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Code of the register.
    register = models.CharField(_("登记内容"), max_length=60)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=ImportState.choices)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    size = models.PositiveIntegerField(_("大小"))
    #: The bytes, sealed by the vault, of sheets that hold personal identifiers; empty where a stored file has them.
    sealed = models.TextField(blank=True, editable=False)
    #: What the register's form asked for, as typed.
    given = models.JSONField(default=dict)
    #: Number of rows by mark: new, changed, unchanged, gone, bad.
    counts = models.JSONField(default=dict)
    #: The first errors: cell, row, heading, reason, value.
    errors = models.JSONField(default=list)
    error_count = models.PositiveIntegerField(default=0)
    #: The first things to know of rows that can be taken: row, key, heading, reason.
    warnings = models.JSONField(default=list)
    ignored = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    #: Digest of what stood under the sheet's keys when it was read.
    basis = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("上传时间"))
    committed_at = models.DateTimeField(_("导入时间"), null=True, blank=True)
    committed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_run_state"),
            models.CheckConstraint(
                condition=Q(state__in=("checked", "bad"), committed_at__isnull=True)
                | Q(state__in=("committed", "undone"), committed_at__isnull=False),
                name="import_run_committed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="import_run_log"),
            models.Index(fields=["register", "sha256"], name="import_run_same"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.name}"

    @property
    def is_closed(self) -> bool:
        """From the commit on the file stands."""
        return self.state in (ImportState.COMMITTED, ImportState.UNDONE)

    @property
    def saved_count(self) -> int:
        return sum(int(self.counts.get(mark, 0)) for mark in ("new", "changed", "gone"))


class ImportLine(models.Model):
    """One row of a sheet against the register (导入明细). Retention class: as the import."""

    MARKS = (
        ("new", pgettext_lazy("import", "新增")),
        ("changed", pgettext_lazy("import", "修改")),
        ("unchanged", _("无变化")),
        ("gone", pgettext_lazy("import", "移除")),
        ("bad", _("有错误")),
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="lines")
    #: Line of the sheet; 0 for a row that the sheet no longer has.
    number = models.PositiveIntegerField()
    mark = models.CharField(max_length=10, choices=MARKS)
    #: By column key; sealed columns are masked.
    texts = models.JSONField(default=dict)
    before = models.JSONField(null=True)
    subject_id = models.CharField(max_length=60, blank=True)
    #: Digest of the row right after the commit; an undo asks whether it still stands like that.
    after = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mark__in=["new", "changed", "unchanged", "gone", "bad"]), name="import_line_mark"
            )
        ]
        indexes = [models.Index(fields=["run", "number"], name="import_line_order")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number} {self.mark}"

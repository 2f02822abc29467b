"""Exchange of data (数据交换): what goes up, by which way, what came in, who may send.

Its first family of records are those of dual prevention; rooms above add theirs (``services.exchange_families``).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.exchange.upward.cipher import Cipher
from quancheng.kernel.exchange.upward.transport import Variant
from quancheng.kernel.ids import uuid7
from quancheng.standards.dual_prevention_exchange import tables


class Family(models.TextChoices):
    """Whose records go one way up (数据类别): each standard has platforms, envelope and tables of its own."""

    DUAL = "dual", _("双重预防")
    PERMITS = "permits", _("特殊作业")


class TableCode(models.TextChoices):
    """A table of an exchange, in the order of an upload: seven of dual prevention, two of special work."""

    UNIT = "unit", _("安全风险分析单元")
    EVENT = "event", _("安全风险事件")
    MEASURE = "measure", _("安全风险管控措施")
    TASK = "task", _("隐患排查任务")
    STOP = "stop", _("停用检修记录")
    RECORD = "record", _("隐患排查记录")
    DANGER = "danger", _("隐患信息")
    TICKET = "ticket", _("特殊作业票")
    ALARM = "alarm", _("作业报警")


#: Tables of dual prevention.
DUAL_TABLES = TableCode.values[:7]


class TimeStyle(models.TextChoices):
    """How times are written (时间格式)."""

    COMPACT = "compact", "yyyyMMddHHmmss"
    DASHED = "dashed", "yyyy-MM-dd HH:mm:ss"


class SendState(models.TextChoices):
    """Where a row of the queue stands (上报状态); ``push_state`` of the spec counts them from 0."""

    WAITING = "waiting", _("待上报")
    SENT = "sent", _("已上报，待回执")
    ACCEPTED = "accepted", _("已接收")
    REJECTED = "rejected", _("被拒绝")


assert list(tables()) == DUAL_TABLES  # noqa: S101 - the standard's data and the choices say the same


class ExchangeAdapter(Scoped):
    """One way to an upper platform (上级平台对接) for one family of records: of an enterprise, or of the district for
    all that have none of their own.

    Keys are sealed, never shown again, and go with its end. Retention class: permanent.
    """

    name = models.CharField(_("上级平台名称"), max_length=60)
    #: Empty where it is the district's.
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+")
    family = models.CharField(_("数据类别"), max_length=8, choices=Family.choices, default=Family.DUAL)
    variant = models.CharField(_("对接方式"), max_length=1, choices=Variant.choices)
    url = models.CharField(_("接收地址"), max_length=500)
    #: Where counts and digests are asked for; empty where the platform tells none.
    counts_url = models.CharField(_("对账地址"), max_length=500, blank=True)
    org_code = models.CharField(_("机构编码"), max_length=60, blank=True)
    cipher = models.CharField(_("加密方式"), max_length=8, choices=Cipher.choices, default=Cipher.AES_CBC)
    key = models.TextField(blank=True, editable=False)
    secret = models.TextField(blank=True, editable=False)
    token = models.TextField(blank=True, editable=False)
    times = models.CharField(_("时间格式"), max_length=8, choices=TimeStyle.choices, default=TimeStyle.COMPACT)
    is_park = models.BooleanField(_("上报园区字段"), default=False)
    batch_rows = models.PositiveSmallIntegerField(_("每批行数"), default=500)
    is_on = models.BooleanField(_("启用上报"), default=False)
    tried_at = models.DateTimeField(_("最近上报"), null=True, editable=False)
    succeeded_at = models.DateTimeField(_("最近成功"), null=True, editable=False)
    #: Since when nothing got through; empty while it does.
    failing_since = models.DateTimeField(_("持续失败自"), null=True, editable=False)
    failure = models.CharField(_("失败原因"), max_length=200, blank=True, editable=False)
    alarmed_at = models.DateTimeField(_("告警时间"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("停止对接时间"), null=True, blank=True)

    objects = ScopedQuerySet["ExchangeAdapter"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "family"], condition=Q(ended_at__isnull=True, file__isnull=False),
                name="exchange_adapter_one",
            ),
            models.UniqueConstraint(
                fields=["owner_org", "family"], condition=Q(ended_at__isnull=True, file__isnull=True),
                name="exchange_adapter_way",
            ),
            models.CheckConstraint(condition=Q(family__in=Family.values), name="exchange_adapter_family"),
            models.CheckConstraint(condition=Q(variant__in=Variant.values), name="exchange_adapter_variant"),
            models.CheckConstraint(condition=Q(cipher__in=Cipher.values), name="exchange_adapter_cipher"),
            models.CheckConstraint(condition=Q(times__in=TimeStyle.values), name="exchange_adapter_times"),
            models.CheckConstraint(condition=Q(batch_rows__range=(1, 2000)), name="exchange_adapter_rows"),
        ]

    def __str__(self) -> str:
        return self.name


class ExchangeBatch(models.Model):
    """One batch that was sent (上报批次), written before it leaves. Retention class: 365 days after it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    adapter = models.ForeignKey(ExchangeAdapter, models.CASCADE, related_name="batches")
    table = models.CharField(_("数据表"), max_length=8, choices=TableCode.choices)
    row_count = models.PositiveIntegerField(_("行数"))
    sent_at = models.DateTimeField(_("上报时间"))
    answered_at = models.DateTimeField(_("应答时间"), null=True)
    #: Status of the answer; empty where none came.
    status = models.PositiveSmallIntegerField(_("应答状态"), null=True)
    message = models.CharField(_("应答内容"), max_length=300, blank=True)
    #: The receiver's own number of the batch, under which a later receipt names it.
    peer_id = models.CharField(_("对方批次号"), max_length=64, blank=True)
    receipt_at = models.DateTimeField(_("回执时间"), null=True)
    accepted_count = models.PositiveIntegerField(_("接收行数"), default=0)
    rejected_count = models.PositiveIntegerField(_("拒绝行数"), default=0)

    class Meta:
        indexes = [
            models.Index(fields=["adapter", "-sent_at"], name="exchange_batch_by_adapter"),
            models.Index(fields=["adapter", "peer_id"], name="exchange_batch_by_peer"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.id.hex}"

    @property
    def data_id(self) -> str:
        """The batch's identifier as the spec writes it: 32 characters."""
        return self.id.hex


class ExchangeRow(Scoped):
    """One record on its way up (上报队列): one row for each record and adapter, whatever happens to the record.

    Retention class: as the file.
    """

    adapter = models.ForeignKey(ExchangeAdapter, models.CASCADE, related_name="rows")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    table = models.CharField(_("数据表"), max_length=8, choices=TableCode.choices)
    #: Place of the table in an upload: parents first.
    place = models.PositiveSmallIntegerField(editable=False)
    subject_id = models.UUIDField()
    #: The key under which the record is known outside; never used again for another.
    external_id = models.UUIDField(_("上报主键"))
    title = models.CharField(_("记录"), max_length=200, blank=True)
    state = models.CharField(_("上报状态"), max_length=8, choices=SendState.choices, default=SendState.WAITING)
    #: Rises with each change of the record; an answer counts only for the revision that was sent.
    revision = models.PositiveIntegerField(default=1)
    sent_revision = models.PositiveIntegerField(default=0)
    created_by = models.CharField(_("创建人"), max_length=130)
    changed_by = models.CharField(_("更新人"), max_length=130)
    changed_at = models.DateTimeField(_("更新时间"))
    waiting_since = models.DateTimeField(_("待上报自"))
    next_try_at = models.DateTimeField(_("下次上报"))
    #: Attempts since it last changed or was resent.
    tries = models.PositiveSmallIntegerField(default=0)
    push_count = models.PositiveIntegerField(_("上报次数"), default=0)
    batch = models.ForeignKey(ExchangeBatch, models.SET_NULL, null=True, related_name="rows")
    sent_at = models.DateTimeField(_("上报时间"), null=True)
    accepted_at = models.DateTimeField(_("接收时间"), null=True)
    #: What the receiver took last, to be compared with what it says it has.
    sent_version = models.CharField(max_length=20, blank=True)
    accepted_version = models.CharField(max_length=20, blank=True)
    code = models.PositiveSmallIntegerField(_("拒绝代码"), null=True)
    reason = models.CharField(_("原因"), max_length=500, blank=True)

    objects = ScopedQuerySet["ExchangeRow"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adapter", "table", "subject_id"], name="exchange_row_once"),
            models.UniqueConstraint(fields=["adapter", "table", "external_id"], name="exchange_row_key_once"),
            models.CheckConstraint(condition=Q(state__in=SendState.values), name="exchange_row_state"),
            models.CheckConstraint(condition=Q(table__in=TableCode.values), name="exchange_row_table"),
        ]
        indexes = [
            models.Index(
                fields=["adapter", "place", "next_try_at"], condition=Q(state="waiting"), name="exchange_row_due"
            ),
            models.Index(fields=["table", "subject_id"], name="exchange_row_subject"),
            models.Index(fields=["batch"], name="exchange_row_batch"),
            models.Index(fields=["-changed_at", "id"], name="exchange_row_newest"),
            models.Index(fields=["file", "-changed_at"], name="exchange_row_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.get_table_display()} {self.external_id}"


class Reconciliation(models.Model):
    """Our counts beside the upper platform's (对账). Retention class: 365 days after it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    adapter = models.ForeignKey(ExchangeAdapter, models.CASCADE, related_name="reconciliations")
    at = models.DateTimeField(_("对账时间"))
    by_name = models.CharField(_("对账人"), max_length=130)
    #: By table: ours and theirs (count, digest), and how many differ in which way.
    lines = models.JSONField(default=list)
    #: The first differences: table, external key, what is wrong.
    differences = models.JSONField(default=list)
    difference_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["adapter", "-at"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return f"{self.adapter_id} {self.at:%Y-%m-%d}"


#: How the application id begins under which rows of sheets are kept; it can send nothing, for it has no secret.
SHEET = "sheet"


class ExchangeApplication(Scoped):
    """An enterprise's own system that may send rows (企业系统接入凭据). The secret is sealed and shown once.

    Secret and key go when it is revoked. Retention class: permanent.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    name = models.CharField(_("系统名称"), max_length=40)
    app_id = models.CharField(_("应用标识"), max_length=20, unique=True)
    secret = models.TextField(editable=False)
    cipher = models.CharField(_("加密方式"), max_length=8, choices=Cipher.choices, default=Cipher.NONE)
    key = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"))
    created_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    objects = ScopedQuerySet["ExchangeApplication"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["file", "-created_at"], name="exchange_app_by_file")]

    def __str__(self) -> str:
        return self.name


class ExchangeToken(models.Model):
    """A token of an application for two hours (访问令牌); only its digest is kept.

    Retention class: 2 days after it expired."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(ExchangeApplication, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application_id} {self.expires_at}"


class IntakeBatch(models.Model):
    """A batch of an enterprise's own system that is too large to be judged while its caller waits (接入大批次).

    Its rows stand sealed until they are judged, and go with the last. Retention class: 30 days after it came."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(ExchangeApplication, models.CASCADE, related_name="batches")
    table = models.CharField(_("数据表"), max_length=8, choices=TableCode.choices)
    data_id = models.CharField(_("批次号"), max_length=40, blank=True)
    rows = models.BinaryField()
    row_count = models.PositiveIntegerField(_("行数"))
    #: Rows that were judged: where it goes on after an interruption.
    done_count = models.PositiveIntegerField(_("已处理"), default=0)
    refused_count = models.PositiveIntegerField(_("拒绝行数"), default=0)
    #: What is to be told of rows: those refused, and those taken with a remark.
    results = models.JSONField(default=list)
    #: Starts since it last went on; a batch that only fails is given up.
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(_("接收时间"))
    ended_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done_count__lte=models.F("row_count")), name="intake_batch_done"),
        ]
        indexes = [
            models.Index(fields=["application", "received_at"], name="intake_batch_by_application"),
            models.Index(fields=["received_at"], condition=Q(ended_at__isnull=True), name="intake_batch_open"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.data_id}"


class Outcome(models.TextChoices):
    """What became of a row that came in (接收结果)."""

    TAKEN = "taken", _("已接收")
    OLDER = "older", _("较旧，未采用")
    REFUSED = "refused", _("被拒绝")


class ReceivedRow(Scoped):
    """A row that an enterprise's own system sent (接收记录), and the record here that it means.

    One for each table and key, which stays another's for good. Retention class: as the file.
    """

    application = models.ForeignKey(ExchangeApplication, models.PROTECT, related_name="+")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    table = models.CharField(_("数据表"), max_length=8, choices=TableCode.choices)
    external_id = models.UUIDField(_("来源主键"))
    #: Empty as long as no row of this key was taken.
    subject_id = models.UUIDField(null=True)
    title = models.CharField(_("记录"), max_length=200, blank=True)
    #: ``updateDate`` of the row that was taken last.
    changed_at = models.DateTimeField(_("来源更新时间"), null=True)
    is_deleted = models.BooleanField(_("已删除"), default=False)
    #: Of a danger: the official state that was taken last.
    official_state = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(_("接收结果"), max_length=8, choices=Outcome.choices)
    code = models.PositiveSmallIntegerField(_("拒绝代码"), null=True)
    reason = models.CharField(_("原因"), max_length=500, blank=True)
    batch_id = models.CharField(_("批次号"), max_length=40, blank=True)
    received_at = models.DateTimeField(_("接收时间"))
    received_count = models.PositiveIntegerField(_("接收次数"), default=1)

    objects = ScopedQuerySet["ReceivedRow"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "external_id"], name="received_row_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="received_row_outcome"),
            models.CheckConstraint(condition=Q(table__in=TableCode.values), name="received_row_table"),
        ]
        indexes = [
            models.Index(
                fields=["table", "subject_id"], condition=Q(subject_id__isnull=False), name="received_row_subject"
            ),
            models.Index(fields=["-received_at", "id"], name="received_row_newest"),
            models.Index(fields=["file", "-received_at"], name="received_row_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.get_table_display()} {self.external_id}"

"""Daily study and announcement (安全风险研判与承诺公告): who owes it, what was published, doubts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.risk.kinds import Layer, Level
from quancheng.domains.risk.loops.announcement import ANNOUNCEMENT, DOUBT, SPOT_CHECK, STUDY
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.risk.commitment import REASONS


class AnnouncementRule(models.Model):
    """Who owes an announcement by what hour, from a day on (承诺公告口径). Retention class: permanent.

    Only ever added: the newest that is in force counts.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kinds = ArrayField(models.CharField(max_length=20), verbose_name=_("应公告的企业类别"))
    #: Whoever has a major hazard owes one too, whatever its class.
    with_hazard = models.BooleanField(_("有重大危险源的一律公告"))
    #: Local time.
    due_time = models.TimeField(_("公告时限"))
    grace_minutes = models.PositiveSmallIntegerField(_("宽限（分钟）"))
    working_days_only = models.BooleanField(_("只在工作日公告"))
    asks_below = models.BooleanField(_("要求班组、车间逐级研判"))
    #: Whether running, stopped and under overhaul must add up to all units.
    sums = models.BooleanField(_("运行、停产、检维修合计须等于总数"))
    #: Mode by reason, where it differs from what ships.
    modes = models.JSONField(default=dict)
    mark = models.CharField(_("依据标记"), max_length=2)
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kinds__contained_by=Kind.values), name="announcement_rule_kinds"),
            models.CheckConstraint(condition=Q(grace_minutes__lte=720), name="announcement_rule_grace"),
        ]
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="announcement_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.due_time:%H:%M}"


class Announcement(LoopRow):
    """What one enterprise announces on one day (承诺公告). Retention class: as the file.

    ``owner_org`` is the enterprise. What stands of it is the newest :class:`AnnouncementEdition`; the columns repeat
    what lists and sums ask for.
    """

    loop_code = ANNOUNCEMENT.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="announcements")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("企业"), max_length=200)
    day = models.DateField(_("公告日期"))
    due_at = models.DateTimeField(_("公告时限"))
    #: With the grace; what is published afterwards is late.
    late_after = models.DateTimeField()
    sums = models.BooleanField(default=True)
    modes = models.JSONField(default=dict)
    published_at = models.DateTimeField(_("公告时间"), null=True, blank=True)
    is_late = models.BooleanField(_("迟报"), null=True)
    edition_no = models.PositiveSmallIntegerField(_("版次"), default=0)
    values = models.JSONField(default=dict, editable=False)
    level = models.PositiveSmallIntegerField(_("公告风险级别"), choices=Level.choices, null=True)
    is_controlled = models.BooleanField(_("风险受控"), null=True)
    special_count = models.PositiveIntegerField(_("特殊作业"), null=True)
    hot_count = models.PositiveIntegerField(_("动火"), null=True)
    committer = models.CharField(pgettext_lazy("announcement", "承诺人"), max_length=60, blank=True)
    doubt_count = models.PositiveSmallIntegerField(_("疑点"), default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Announcement"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ANNOUNCEMENT.codes), name="announcement_status_known"),
            models.UniqueConstraint(fields=["file", "day"], name="announcement_once_a_day"),
            models.CheckConstraint(
                condition=~Q(status="PUBLISHED")
                | Q(published_at__isnull=False, is_late__isnull=False, level__isnull=False, edition_no__gte=1),
                name="announcement_published",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__in=Level.values), name="announcement_level"
            ),
            models.CheckConstraint(condition=Q(late_after__gte=F("due_at")), name="announcement_grace"),
        ]
        indexes = [
            models.Index(fields=["-day", "title", "id"], name="announcement_by_day"),
            models.Index(fields=["late_after"], condition=Q(status="OPEN"), name="announcement_open"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.title}"


class AnnouncementEdition(models.Model):
    """One edition of an announcement as it was published (公告版次); a correction makes the next. Only ever added.

    ``lines`` holds by the code of a number ``{"value", "proposed", "source", "rows", "reason"}``: what the system
    proposed with its source in both languages, and why a person changed it. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("版次"))
    lines = models.JSONField()
    is_controlled = models.BooleanField(_("风险受控"))
    uncontrolled = models.CharField(_("未受控情况和措施"), max_length=1000, blank=True)
    commitment = models.CharField(_("承诺内容"), max_length=1000)
    committer = models.CharField(pgettext_lazy("announcement", "承诺人"), max_length=60)
    #: By what who is not the main person may commit (书面授权).
    authorisation = models.CharField(_("授权文件"), max_length=200, blank=True)
    #: Parts that had not answered, and why it was published without them.
    skipped = models.JSONField(default=list)
    skip_reason = models.CharField(_("未等研判的原因"), max_length=300, blank=True)
    #: Of a correction.
    reason = models.CharField(_("更正原因"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("公告时间"))
    published_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "number"], name="announcement_edition_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="announcement_edition_reason"),
            models.CheckConstraint(
                condition=Q(is_controlled=True) | ~Q(uncontrolled=""), name="announcement_edition_uncontrolled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.number}"


class Study(LoopRow):
    """What a team or a workshop says of its part of the enterprise for a day (研判). Retention class: as the file.

    A workshop sums up its teams. ``answers`` holds by topic of ``standards.risk.commitment`` ``ok``, ``not``, ``none``.
    """

    loop_code = STUDY.code

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="studies")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    day = models.DateField(_("公告日期"))
    layer = models.CharField(_("管控层级"), max_length=10, choices=Layer.choices)
    name = models.CharField(_("班组、车间"), max_length=220)
    post = models.ForeignKey("risk.Post", models.PROTECT, related_name="+")
    #: Who held the post when it was asked; empty: whoever of the enterprise has the duty.
    person = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    #: Units for which the post answers, by name and level as they stood.
    units = models.JSONField(default=list)
    due_at = models.DateTimeField(_("研判时限"))
    answers = models.JSONField(default=dict)
    is_controlled = models.BooleanField(_("风险受控"), null=True)
    text = models.CharField(_("未受控情况和措施"), max_length=1000, blank=True)
    skip_reason = models.CharField(_("未等班组研判的原因"), max_length=300, blank=True)
    answered_name = models.CharField(_("研判人"), max_length=60, blank=True)
    answered_at = models.DateTimeField(_("研判时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Study"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STUDY.codes), name="study_status_known"),
            models.CheckConstraint(condition=Q(layer__in=[Layer.TEAM, Layer.WORKSHOP]), name="study_layer_known"),
            models.UniqueConstraint(fields=["announcement", "post"], name="study_once"),
            models.CheckConstraint(
                condition=~Q(status="ANSWERED") | Q(answered_at__isnull=False, is_controlled__isnull=False),
                name="study_answered",
            ),
        ]
        indexes = [models.Index(fields=["-day", "name", "id"], name="study_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Doubt(LoopRow):
    """Why an announcement is asked about (公告疑点), once for each reason. Retention class: as the file.

    ``said`` are sentences in both languages: what was announced, what stands against it, and whence that is known.
    """

    loop_code = DOUBT.code

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="doubts")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("企业"), max_length=200)
    day = models.DateField(_("公告日期"))
    reason = models.CharField(_("疑点"), max_length=20)
    said = models.JSONField(default=list)
    #: What the enterprise said, what the office decided.
    text = models.CharField(_("企业说明"), max_length=1000, blank=True)
    decision = models.CharField(_("核实意见"), max_length=1000, blank=True)
    #: Code and address of the hidden danger that a room above made of it.
    finding_code = models.CharField(_("隐患编号"), max_length=20, blank=True)
    finding_url = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Doubt"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DOUBT.codes), name="doubt_status_known"),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="doubt_reason_known"),
            models.UniqueConstraint(fields=["announcement", "reason"], name="doubt_once"),
        ]
        indexes = [models.Index(fields=["-day", "reason", "id"], name="doubt_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.title} {self.reason}"


class SpotDraw(Scoped):
    """One draw of announcements for spot checks (公告抽查抽取). Only ever added. Retention class: permanent.

    Who has the pool and the seed can draw it again and gets the same.
    """

    append_only = True

    day = models.DateField(_("公告日期"))
    seed = models.CharField(_("随机种子"), max_length=64)
    pool = models.JSONField(_("抽取范围"))
    pool_digest = models.CharField(_("抽取范围摘要"), max_length=64)
    chosen = models.JSONField(_("抽中"))
    #: Only of those that announced special work.
    special_only = models.BooleanField(_("只抽有特殊作业的"))
    drawn_at = models.DateTimeField(_("抽取时间"))
    drawn_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet["SpotDraw"].as_manager()

    def __str__(self) -> str:
        return f"{self.day} {self.seed[:8]}"


class SpotCheck(LoopRow):
    """One announcement drawn for a look at what really goes on (公告抽查). Retention class: as the file.

    ``owner_org`` is the office that drew; the enterprise reads of it when it is done.
    """

    loop_code = SPOT_CHECK.code

    draw = models.ForeignKey(SpotDraw, models.PROTECT, related_name="checks")
    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="spot_checks")
    title = models.CharField(_("企业"), max_length=200)
    day = models.DateField(_("公告日期"))
    due_date = models.DateField(_("抽查期限"))
    text = models.CharField(_("抽查结果"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["SpotCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SPOT_CHECK.codes), name="spot_check_status_known"),
            models.UniqueConstraint(fields=["draw", "announcement"], name="spot_check_once"),
        ]
        indexes = [models.Index(fields=["-day", "title", "id"], name="spot_check_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.title}"


class GateScreen(models.Model):
    """The address of a screen at a gate (厂区门口公示屏), known by an unguessable token; read through the file.

    What it shows is open to everybody, so the token is kept as it is. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="gate_screens")
    name = models.CharField(_("位置"), max_length=60)
    token = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField(_("生成时间"))
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["file", "made_at"], name="gate_screen_by_file")]

    def __str__(self) -> str:
        return self.name

"""Papers, the templates they are drafted from, and their service to each addressee."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Reach, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.papers.loops import LADDER, MANUAL, PAPER, SERVICE

OPENNESS = [("closed", _("不予公开")), ("on_request", _("依申请公开")), ("public", _("主动公开"))]
URGENCY = [("", _("一般")), ("加急", _("加急")), ("特急", _("特急"))]
#: A paper in these states has its number and its frozen text for good.
NUMBERED = ("SIGNED", "SERVED", "CLOSED", "VOID")


class PaperTemplate(models.Model):
    """One version of a form letter (文书模板). The highest version counts; earlier ones stay with their papers.

    Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("代码"), max_length=40)
    version = models.PositiveSmallIntegerField(_("版本"))
    #: What the paper is called, e.g. 督促函.
    name = models.CharField(_("文种"), max_length=40)
    #: The kind of number of :mod:`quancheng.kernel.numbering`.
    series = models.CharField(_("文号系列"), max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"))
    #: Working days for the reply after service; none where no reply is asked for.
    reply_working_days = models.PositiveSmallIntegerField(_("回复期限（工作日）"), null=True, blank=True)
    #: ``red`` with red heading and line (文件式), ``letter`` as letters have it (信函格式), ``plain`` without either.
    form = models.CharField(
        _("版式"),
        max_length=6,
        choices=[("red", _("文件格式")), ("letter", _("信函格式")), ("plain", _("无红头"))],
        default="letter",
    )
    #: For everybody: it may go out without an addressee.
    is_public = models.BooleanField(_("面向社会公布"), default=False)
    #: ``D`` our own wording, ``V`` a published form.
    mark = models.CharField(max_length=1, default="D")
    made_at = models.DateTimeField(_("生效时间"))
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="paper_template_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PaperQuerySet(ScopedQuerySet["Paper"]):
    def numbered(self) -> Self:
        return self.filter(status__in=NUMBERED)


class Paper(LoopRow):
    """An official paper (文书). ``owner_org`` drafts and serves it; ``issuer`` is in whose name it goes out.

    Its reach is its owner alone; addressees see it by a share that service gives. Retention class: official record,
    permanent.
    """

    loop_code = "papers.paper"

    template = models.ForeignKey(PaperTemplate, models.PROTECT, related_name="+")
    #: Kept from the template, which a new version may rename.
    kind_name = models.CharField(_("文种"), max_length=40)
    series = models.CharField(max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"))
    issuer = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("发文机关"))
    copy_to = models.CharField(_("抄送"), max_length=400, blank=True)
    attachments = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("附件名称"))
    openness = models.CharField(
        _("公开属性"),
        max_length=12,
        choices=OPENNESS,
        default="closed",
    )
    urgency = models.CharField(_("紧急程度"), max_length=4, choices=URGENCY, blank=True)
    reply_working_days = models.PositiveSmallIntegerField(_("回复期限（工作日）"), null=True, blank=True)
    is_public = models.BooleanField(_("面向社会公布"), default=False)
    origin = models.CharField(max_length=10, choices=[(MANUAL, _("人工拟稿")), (LADDER, _("督办建议"))], default=MANUAL)
    #: The row that the paper is about, e.g. the escalation that proposed it.
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    #: None where the house drafted it.
    drafted_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(_("拟稿时间"))
    number_text = models.CharField(_("文号"), max_length=120, blank=True)
    signed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: The signer's name as it stood.
    signer_name = models.CharField(_("签发人"), max_length=60, blank=True)
    signed_at = models.DateTimeField(_("签发时间"), null=True)
    #: The text as it was signed, in the form that the renderer reads; every copy follows from it.
    frozen = models.JSONField(null=True)
    frozen_digest = models.CharField(max_length=64, blank=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PAPER.codes), name="paper_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=NUMBERED)
                | (~Q(number_text="") & Q(frozen__isnull=False, signed_at__isnull=False)),
                name="paper_signed_is_numbered",
            ),
            models.CheckConstraint(condition=~Q(status="VOID") | ~Q(void_reason=""), name="paper_void_reason"),
            models.CheckConstraint(condition=Q(reach=Reach.OWN), name="paper_reach_own"),
        ]
        indexes = [
            models.Index(fields=["owner_org", "status", "-drafted_at"], name="paper_worklist"),
            models.Index(fields=["about_type", "about_id"], name="paper_about"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.title}".strip()


class PaperAddressee(models.Model):
    """To whom a paper is addressed (主送), in the order printed. Retention class: as the paper."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="addressees")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "org"], name="paper_addressee_once")]
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return f"{self.paper_id} → {self.org_id}"


class ServiceQuerySet(ScopedQuerySet["Service"]):
    def open(self) -> Self:
        return self.exclude(status__in=SERVICE.finals)


class Service(LoopRow):
    """One paper's way to one addressee and back (送达与回复). Retention class: as the paper."""

    loop_code = "papers.service"

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="services")
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("受送达单位"))
    #: ``platform`` where the addressee signed for it here, ``hand`` where a receipt was registered.
    way = models.CharField(
        _("送达方式"), max_length=10, blank=True, choices=[("platform", _("平台送达")), ("hand", _("直接送达"))]
    )
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    served_at = models.DateTimeField(_("送达时间"), null=True)
    #: Who signed for it, as he named himself on the receipt or as he is signed in.
    receiver = models.CharField(_("签收人"), max_length=60, blank=True)
    reply_due = models.DateField(_("回复期限"), null=True)
    #: Whether a year without a known holiday arrangement was counted by the week alone.
    reply_due_assumed = models.BooleanField(default=False)
    reply = models.TextField(_("回复内容"), blank=True)
    replied_at = models.DateTimeField(_("回复时间"), null=True)
    opinion = models.CharField(_("审核意见"), max_length=400, blank=True)
    #: After an accepted reply: until when what it promises must be done.
    respite_until = models.DateField(_("承诺完成日期"), null=True)
    closed_at = models.DateTimeField(null=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SERVICE.codes), name="paper_service_status_known"),
            models.UniqueConstraint(fields=["paper", "org"], name="paper_service_once"),
            models.CheckConstraint(
                condition=~Q(status__in=("SERVED", "REPLIED", "ACCEPTED")) | Q(reply_due__isnull=False),
                name="paper_service_reply_due",
            ),
            models.CheckConstraint(condition=Q(reach=Reach.OWN), name="paper_service_reach_own"),
        ]
        indexes = [models.Index(fields=["org", "status"], name="paper_service_inbox")]

    def __str__(self) -> str:
        return f"{self.paper_id} → {self.org_id}"

"""How the platform's own processes are (运行监视): what they told last, and what was wrong with them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProcessFigure(models.Model):
    """What a process of the signal flow told of itself last (进程运行数据). Written over every ten seconds.

    Retention class: technical, until a day after the process fell silent.
    """

    id = models.BigAutoField(primary_key=True)
    #: ``gateway``, ``process``, or ``clock``: the job that looks at all others.
    name = models.CharField(_("进程"), max_length=20)
    machine = models.CharField(_("主机"), max_length=100)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(_("启动时间"))
    noted_at = models.DateTimeField(_("报告时间"))
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "machine", "pid"], name="process_figure_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.machine} {self.pid}"


class TroubleCode(models.TextChoices):
    """What is wrong with the platform (平台异常)."""

    CLOCK = "clock", _("平台停机")
    GATEWAY = "gateway", _("接入进程无响应")
    OWNER = "owner", _("分区无人处理")
    STORE = "store", _("时序库无响应")
    LAG = "lag", _("处理延迟过大")
    FILL = "fill", _("消息流存量过高")


class HouseTrouble(models.Model):
    """Something was wrong with the platform from when to when (平台异常). It holds no enterprise to account for it.

    Retention class: permanent.
    """

    #: While one of these lasts, silence may be ours.
    OURS = (TroubleCode.CLOCK, TroubleCode.GATEWAY, TroubleCode.OWNER, TroubleCode.STORE, TroubleCode.LAG)

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(_("异常"), max_length=8, choices=TroubleCode.choices)
    detail = models.CharField(_("情况"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__in=TroubleCode.values), name="house_trouble_known"),
            models.UniqueConstraint(fields=["code"], condition=Q(ended_at__isnull=True), name="house_trouble_one_open"),
        ]
        indexes = [models.Index(fields=["-began_at"], name="house_trouble_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.began_at}"

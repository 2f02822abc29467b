"""The kernel's own rules in one table. A domain declares its rules itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import AddressUse, ClientAct, Share
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import list_old
from quancheng.kernel.exchange.imports import services as imports
from quancheng.kernel.exchange.models import ImportRun, Webhook, WebhookDelivery
from quancheng.kernel.exchange.webhooks.services import list_ended, list_ended_deliveries
from quancheng.kernel.files.models import StoredFile, Upload
from quancheng.kernel.files.services import list_abandoned, remove_abandoned
from quancheng.kernel.files.uploads import list_old_uploads, remove_uploads
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.notices.services import list_read
from quancheng.kernel.people import retention as people
from quancheng.kernel.phone.models import DeviceKey
from quancheng.kernel.phone.services import list_unused_keys
from quancheng.kernel.retention.declare import Rule, declare
from quancheng.kernel.retention.models import RetentionRun
from quancheng.kernel.tokens.models import Token


def _old_acts(before: datetime) -> QuerySet[ClientAct]:
    return ClientAct.objects.filter(at__lt=before)


def _old_uses(before: datetime) -> QuerySet[AddressUse]:
    return AddressUse.objects.filter(at__lt=before)


def _ended_shares(before: datetime) -> QuerySet[Share]:
    return Share.objects.filter(ended_at__lt=before) | Share.objects.filter(until__lt=before)


def _ended_tokens(before: datetime) -> QuerySet[Token]:
    return Token.objects.filter(expires_at__lt=before) | Token.objects.filter(revoked_at__lt=before)


def _ended_work(before: datetime) -> QuerySet[LongWork]:
    return LongWork.objects.filter(ended_at__lt=before, expires_at__isnull=True)


def _finished_runs(before: datetime) -> QuerySet[RetentionRun]:
    return RetentionRun.objects.filter(finished_at__lt=before)


def declare_rules() -> None:
    """Called while the apps get ready."""
    people.declare_rules()
    for rule in (
        Rule("access.client_act", _("客户端请求标识"), ClientAct, "90 days", _("请求"), _old_acts),
        Rule("access.address_use", _("公开使用计数"), AddressUse, "2 days", _("使用"), _old_uses),
        Rule("access.share", _("共享"), Share, "5 years", _("共享结束"), _ended_shares),
        Rule("events.event", _("事件"), Event, "365 days", _("事件发生（未投递的除外）"), list_old),
        Rule("exchange.delivery", _("推送记录"), WebhookDelivery, "90 days", _("推送"), list_ended_deliveries),
        Rule(
            "exchange.import", _("导入记录"), ImportRun, "5 years", _("导入"), imports.list_committed,
            remove=imports.remove_runs,
        ),
        Rule(
            "exchange.import_left", _("未确认的导入"), ImportRun, "7 days", _("上传"), imports.list_left,
            remove=imports.remove_runs,
        ),
        Rule("exchange.webhook", _("事件推送"), Webhook, "5 years", _("停用"), list_ended),
        Rule(
            "files.stored", _("未归入记录的上传文件"), StoredFile, "7 days", _("上传"), list_abandoned,
            remove=remove_abandoned,
        ),
        Rule(
            "files.upload", _("分段上传"), Upload, "7 days", _("最后一段"), list_old_uploads, remove=remove_uploads,
        ),
        Rule("longwork.work", _("后台任务"), LongWork, "90 days", _("任务结束且文件已清除"), _ended_work),
        Rule("notices.notice", _("消息"), Notice, "365 days", _("阅读"), list_read),
        Rule("phone.key", _("设备密钥"), DeviceKey, "365 days", _("最后一次使用"), list_unused_keys),
        Rule("retention.run", _("到期处理记录"), RetentionRun, "365 days", _("处理完成"), _finished_runs),
        Rule("tokens.token", _("接口令牌"), Token, "5 years", _("到期或撤销"), _ended_tokens),
    ):  # fmt: skip
        declare(rule)

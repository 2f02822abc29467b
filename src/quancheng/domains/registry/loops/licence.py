"""The loops of a licence that runs out: its renewal (延续), and the exit of who has none any more (退出程序)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

if TYPE_CHECKING:
    from quancheng.domains.registry.models.licences import LicenceExit

_KEEP = "registry.files.keep@owner_org"
_CLOCK = "registry.files.keep@system"
_VERIFY = "registry.files.verify@owner_org"


def _stands_again(row: LicenceExit) -> Text | None:
    """Only a verified licence in force lets it go on."""
    if row.stands_again():
        return None
    return _("还没有经核验、在有效期内的同类证照，不能恢复经营。")


LICENCE_RENEWAL = register(
    Loop(
        code="registry.licence_renewal",
        name=_("证照延续"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(_("待申请延续"), owner=_KEEP, due=on("due_date")),
            "APPLIED": State(_("已申请延续"), owner=_KEEP, review=on("expires_date")),
            "RENEWED": State(_("已换发新证"), owner=None),
            "GIVEN_UP": State(_("不再延续"), owner=None),
            "LAPSED": State(_("到期未延续"), owner=None),
        },
        moves={
            "apply": Move("OPEN", "APPLIED", by=_KEEP, label=_("已提出延续申请"), needs=("text",), primary=True),
            "give_up": Move(("OPEN", "APPLIED"), "GIVEN_UP", by=_KEEP, label=_("不再延续"), needs=("reason",)),
            "renew": Move(("OPEN", "APPLIED"), "RENEWED", by=_CLOCK, label=_("换发新证")),
            "lapse": Move(("OPEN", "APPLIED"), "LAPSED", by=_CLOCK, label=_("到期未延续")),
        },
        title=lambda row: row.title,
        url_name="registry:licence_renewal",
        strip=("OPEN", "APPLIED", "RENEWED"),
    )
)

LICENCE_EXIT = register(
    Loop(
        code="registry.licence_exit",
        name=_("退出程序"),
        version=1,
        start="OPENED",
        states={
            "OPENED": State(_("待责令停止"), owner=_VERIFY, due=within(working_days=3)),
            "ORDERED": State(_("已责令停止，待现场检查"), owner=_VERIFY, due=within(working_days=5)),
            "CHECKED": State(_("已检查，待处理决定"), owner=_VERIFY, due=within(working_days=15)),
            "CLOSED": State(_("已关闭退出"), owner=None),
            "REVOKED": State(_("已吊销退出"), owner=None),
            "RESUMED": State(_("取得证照，恢复经营"), owner=None),
            "DROPPED": State(_("无需退出"), owner=None),
        },
        moves={
            "order": Move("OPENED", "ORDERED", by=_VERIFY, label=_("责令停止生产经营"), needs=("text",), primary=True),
            "check": Move("ORDERED", "CHECKED", by=_VERIFY, label=_("登记现场检查"), needs=("text",), primary=True),
            "close": Move("CHECKED", "CLOSED", by=_VERIFY, label=_("关闭退出"), needs=("text",), primary=True),
            "revoke": Move("CHECKED", "REVOKED", by=_VERIFY, label=_("吊销证照退出"), needs=("text",)),
            "resume": Move(("OPENED", "ORDERED", "CHECKED"), "RESUMED", by=_VERIFY, label=_("恢复经营"),
                           needs=("text",), when=_stands_again),
            "drop": Move("OPENED", "DROPPED", by=_VERIFY, label=_("无需退出"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="registry:licence_exit",
        strip=("OPENED", "ORDERED", "CHECKED", "CLOSED"),
    )
)  # fmt: skip

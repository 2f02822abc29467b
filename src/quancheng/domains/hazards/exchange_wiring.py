"""What the exchange of dual prevention data hears of, keeps sealed and tells people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def connect() -> None:
    """Called once, when the apps get ready."""
    from quancheng.domains.hazards.exchange_imports import REGISTERS
    from quancheng.domains.hazards.models import (
        ExchangeAdapter,
        ExchangeApplication,
        ExchangeBatch,
        ExchangeToken,
        IntakeBatch,
        Reconciliation,
    )
    from quancheng.domains.hazards.queries import exchange as queries
    from quancheng.domains.hazards.services import (
        exchange_adapters,
        exchange_intake,
        exchange_queue,
    )
    from quancheng.domains.hazards.services.exchange_sending import SECRET_KIND, STUCK
    from quancheng.domains.risk.services import keeping
    from quancheng.kernel.events.services import subscribe
    from quancheng.kernel.exchange.imports.declare import register
    from quancheng.kernel.notices.texts import declare_notice
    from quancheng.kernel.retention.declare import Rule, declare
    from quancheng.kernel.vault import services as vault

    keeping.listen(exchange_queue.hear_risk)
    keeping.guard(exchange_intake.kept_elsewhere)
    for each in REGISTERS:
        register(each)
    subscribe(
        "hazards.finding.*", exchange_queue.hear_finding, name="hazards.exchange", wanted=exchange_queue.dual_adapters
    )
    for model, columns in ((ExchangeAdapter, exchange_adapters.SECRETS), (ExchangeApplication, ("secret", "key"))):
        for column in columns:
            name = f"{model._meta.db_table}.{column}:{SECRET_KIND}"
            vault.register_column(name, vault.reseal_of(model, column))
    declare_notice(STUCK, _("数据交换告警"), _("上级平台“%(title)s”已超过24小时没有收到%(count)s条记录，请检查对接。"))
    for rule in (
        Rule("hazards.exchange_batch", _("上报批次"), ExchangeBatch, "365 days", _("上报"), queries.list_old_batches),
        Rule("hazards.reconciliation", _("对账记录"), Reconciliation, "365 days", _("对账"),
             queries.list_old_reconciliations),
        Rule("hazards.intake_batch", _("接入大批次"), IntakeBatch, "30 days", _("接收"),
             queries.list_old_intake_batches),
        Rule("hazards.exchange_token", _("交换访问令牌"), ExchangeToken, "2 days", _("失效"), queries.list_old_tokens),
    ):  # fmt: skip
        declare(rule)

"""What of this domain goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import OperationNotice, Permit
from quancheng.domains.permits.queries.retention import list_gone, list_operations_gone
from quancheng.domains.permits.services.forgetting import forget
from quancheng.kernel.retention.declare import Rule, declare


def _remove(rows: Sequence[Permit], now: datetime) -> None:
    forget(rows)


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule(
        "permits.operation", _("作业活动通报"), OperationNotice, "3 years", _("结束"), list_operations_gone
    ))  # fmt: skip
    declare(Rule("permits.permit", _("特殊作业票"), Permit, "3 years", _("办结"), list_gone, remove=_remove))

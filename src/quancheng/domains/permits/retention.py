"""What of this domain goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import (
    IsolationPoint,
    Muster,
    OperationNotice,
    Permit,
    ShiftHandOver,
    WeatherWarning,
)
from quancheng.domains.permits.queries.musters import list_musters_gone
from quancheng.domains.permits.queries.retention import (
    list_gone,
    list_isolations_gone,
    list_operations_gone,
    list_shifts_gone,
    list_warnings_gone,
)
from quancheng.domains.permits.services.forgetting import forget, forget_isolations
from quancheng.kernel.retention.declare import Rule, declare


def _remove(rows: Sequence[Permit], now: datetime) -> None:
    forget(rows)


def _remove_points(rows: Sequence[IsolationPoint], now: datetime) -> None:
    forget_isolations(rows)


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule(
        "permits.operation", _("作业活动通报"), OperationNotice, "3 years", _("结束"), list_operations_gone
    ))  # fmt: skip
    declare(Rule(
        "permits.isolation", _("隔离点"), IsolationPoint, "3 years", _("解除"), list_isolations_gone,
        remove=_remove_points,
    ))  # fmt: skip
    declare(Rule("permits.muster", _("紧急集合点名"), Muster, "3 years", _("结束"), list_musters_gone))
    declare(Rule("permits.shift", _("班组交接班"), ShiftHandOver, "3 years", _("交接"), list_shifts_gone))
    declare(Rule("permits.weather", _("气象预警"), WeatherWarning, "3 years", _("失效"), list_warnings_gone))
    declare(Rule("permits.permit", _("特殊作业票"), Permit, "3 years", _("办结"), list_gone, remove=_remove))

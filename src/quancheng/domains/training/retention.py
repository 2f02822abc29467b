"""What of this domain goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.retention import list_gone
from quancheng.domains.training.services.forgetting import forget
from quancheng.kernel.retention.declare import Rule, declare


def _remove(rows: Sequence[Person], now: datetime) -> None:
    forget(rows)


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule("training.person", _("离岗人员档案"), Person, "5 years", _("离岗"), list_gone, remove=_remove))

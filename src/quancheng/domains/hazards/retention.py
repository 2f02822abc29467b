"""What of this domain goes when. Dangers, records of checks and tasks stay with the file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import CheckDue
from quancheng.domains.hazards.queries.check_records import list_old_dues
from quancheng.kernel.retention.declare import Rule, declare


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(Rule("hazards.check_due", _("待排查任务"), CheckDue, "3 years", _("截止时间"), list_old_dues))

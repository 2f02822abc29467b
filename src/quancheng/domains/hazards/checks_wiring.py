"""What checks offer to the rest of the house: an import, errands, actions on a measure's page, files of reviews."""

from __future__ import annotations

from quancheng.domains.hazards import errands, imports
from quancheng.domains.hazards.models import StopReview
from quancheng.domains.hazards.views.check_tasks import measure_actions, measure_tabs
from quancheng.domains.risk.views.extras import register_measure
from quancheng.kernel.files.holders import register_scoped


def connect_checks() -> None:
    """Called once, when the app is ready."""
    imports.register_all()
    errands.register_all()
    register_measure(actions=measure_actions, tabs=measure_tabs)
    register_scoped(StopReview)

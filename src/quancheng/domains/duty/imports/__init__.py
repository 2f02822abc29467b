"""What this domain takes from spreadsheets, by the kernel's one way of importing."""

from quancheng.domains.duty.imports import chart, lists, meetings, problems, reports
from quancheng.kernel.exchange.imports.declare import register


def register_all() -> None:
    """Offer the registers; called once, when the app is ready."""
    for entry in (
        chart.CHART, problems.PROBLEMS, lists.LISTS, reports.REPORTERS, reports.REPORT_DUTIES, meetings.ATTENDANCE,
    ):  # fmt: skip
        register(entry)

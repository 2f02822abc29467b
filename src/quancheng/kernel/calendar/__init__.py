"""Working days and holidays (工作日历): the calendar that legal time limits count by."""

from quancheng.kernel.calendar.working import Calendar

__all__ = ["Calendar"]

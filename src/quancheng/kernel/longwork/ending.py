"""Ending what a thread does: its query is broken off and :class:`OutOfTime` raised in it."""

from __future__ import annotations

import ctypes
import logging
from typing import Any

log = logging.getLogger("quancheng.longwork")


class OutOfTime(BaseException):
    """Raised in a job's thread when its time is up. No ``Exception``, so that whoever passes over the failure of one
    row does not pass over this."""


def break_off(link: Any) -> None:
    """Let the database break off the query of a connection (psycopg's; ``None``: there is none) that another thread
    uses."""
    if link is None:
        return
    try:
        link.cancel_safe(timeout=5)
    except Exception:
        log.warning("a query could not be broken off", exc_info=True)


def raise_in(thread: int, wrapper: Any) -> None:
    """Raise :class:`OutOfTime` in a thread. It comes at its next line of Python: a call into C that never returns is
    beyond this, and only the end of the process ends it.

    The breaking off may come after the exception: a thread that writes down its end does so on a new connection, and
    the connection meant here is therefore read first."""
    link = wrapper.connection
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OutOfTime))
    break_off(link)


def take_back(thread: int) -> None:
    """Forget what was to be raised in a thread whose job has ended meanwhile."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)

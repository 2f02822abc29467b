"""The register's connections in threads that come and go (线程中的数据库连接)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def kept(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """``act`` for a thread of a moment: no connection is left behind, and none that died is trusted."""

    def done(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        close_old_connections()
        try:
            return act(*args, **kwargs)
        finally:
            connection.close()

    return done

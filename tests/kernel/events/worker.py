"""A worker process with the test's subscriber: ``python -m tests.kernel.events.worker``."""

from __future__ import annotations

from quancheng.runtime.cli import set_up_django

if __name__ == "__main__":
    set_up_django()
    import tests.kernel.events.handlers  # noqa: F401 - registers the subscriber

    from quancheng.runtime.work import work_command

    raise SystemExit(work_command(["now"]))

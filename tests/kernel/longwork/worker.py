"""A worker process that knows the tests' kinds: ``python -m tests.kernel.longwork.worker QUEUE``."""

from __future__ import annotations

import sys

from quancheng.runtime.cli import set_up_django

if __name__ == "__main__":
    set_up_django()
    import tests.kernel.longwork.tasks  # noqa: F401 - registers its task
    from tests.kernel.longwork import kinds

    from quancheng.runtime import limits
    from quancheng.runtime.work import work_command

    kinds.register()
    limits.PARTING_S = 2.0
    raise SystemExit(work_command(sys.argv[1:]))

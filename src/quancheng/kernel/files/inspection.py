"""Having an upload looked into by a child process, and hearing its answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import quancheng
from quancheng.kernel.files import types
from quancheng.kernel.files.sniff import Refused

_SOURCE = Path(quancheng.__path__[0]).parent


def inspect(path: Path, out: Path) -> dict[str, Any]:
    """What the child found in ``path``; a photo stands re-encoded in ``out`` afterwards.

    :raises Refused: what the child refused, or ``bomb`` where it ran into a limit.
    """
    try:
        # Every argument is ours; the child gets no secret of our environment.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", "quancheng.kernel.files.inspect_child", str(path), str(out)],
            env={"PYTHONPATH": str(_SOURCE), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=types.WALL_S,
            cwd=path.parent,
        )
    except subprocess.TimeoutExpired as failure:
        raise Refused("bomb") from failure
    if done.returncode < 0:  # ended by a signal: out of processor time, or killed for its memory
        raise Refused("bomb")
    if done.returncode != 0:
        raise RuntimeError(f"the inspection failed: {done.stderr.decode(errors='replace')[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer

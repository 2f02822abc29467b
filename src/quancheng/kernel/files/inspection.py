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
from quancheng.kernel.files.sniff import Refused, is_guarded, media_type_of

_SOURCE = Path(quancheng.__path__[0]).parent


def inspect(path: Path, out: Path) -> dict[str, Any]:
    """What was found in ``path``, by a child in anything but text; a photo stands re-encoded in ``out`` afterwards.

    :raises Refused: what is not stored, or ``bomb`` where the child ran into a limit.
    """
    with path.open("rb") as file:
        if not is_guarded(file.read(16)):
            return {"media_type": media_type_of(file)}
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

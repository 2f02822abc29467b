"""Reading and parsing plan documents, each of the cases and the published plans where they are at hand.

The figure of a document is the 95th percentile of whole runs: the guarded child starts, reads, and the text is parsed.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.harness import Result, Settings, percentile

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 8
TARGET_S = 0.2


def run(settings: Settings) -> Result:
    """Time every document; ``scale`` repeats the text of the largest one that many times."""
    from quancheng.domains.duty.documents.read import read_file
    from quancheng.domains.duty.plans import parse_plan

    result = Result()
    documents = sorted((ROOT / "tests" / "cases" / "plans").glob("*/plan.*"))
    documents += sorted((ROOT.parent / "shared" / "plans").glob("*.txt"))
    for path in documents:
        read_file(path)  # what the first reading compiles is no part of the promise

        whole, parsing = [], []
        for _ in range(settings.rounds or ROUNDS):
            begun = time.perf_counter()
            document = read_file(path)
            read = time.perf_counter()
            parse_plan(document.lines)
            parsing.append(time.perf_counter() - read)
            whole.append(time.perf_counter() - begun)
        name = path.parent.name + path.suffix if path.stem == "plan" else path.name
        result.add(f"{name} whole", percentile(whole, 0.95), "s", at_most=TARGET_S)
        result.add(f"{name} parsing", percentile(parsing, 0.95), "s")
    if settings.scale > 1:
        text = max((path.read_text() for path in documents if path.suffix == ".txt"), key=len) * settings.scale
        begun = time.perf_counter()
        parse_plan(text)
        result.add(f"{len(text):,} characters", time.perf_counter() - begun, "s")
    return result

"""``quancheng calc gb30871-audit``: a permit in, score and findings out, and what it says of bad input."""

from __future__ import annotations

import json
import sys
from io import BytesIO, TextIOWrapper
from typing import Any

from quancheng.runtime.calc import gb30871_audit_command

PERMIT = {
    "facts": {"kind": "CS", "started_at": "2026-08-04T09:00+08:00", "gas": []}, "state": "WORKING",
    "now": "2026-08-04T12:00+08:00", "issued_at": "2026-08-04T09:30+08:00", "calendar": {"years": [2026]},
}  # fmt: skip


def calc(given: dict[str, Any], capsys: Any, monkeypatch: Any, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(json.dumps(given).encode())))
    status = gb30871_audit_command(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def test_work_before_the_issue_and_without_gas_test_is_found(capsys, monkeypatch):
    status, out, _err = calc(PERMIT, capsys, monkeypatch, "--language", "en")
    told = json.loads(out)
    assert status == 0
    failed = {one["code"]: one for one in told["verdicts"] if one["outcome"] == "FAIL"}
    assert failed["A-002"]["alarm"] == "60"
    assert failed["A-071"]["alarm"] == "01"
    assert failed["A-071"]["text"].startswith("no test before entry")
    assert told["score"] == max(0, 100 - sum(one["points"] for one in failed.values()))
    assert told["counts"]["NO_DATA"] > 0


def test_bad_input_is_refused_by_its_place(capsys, monkeypatch):
    for given, place in (
        ({**PERMIT, "state": "GONE"}, "state"),
        ({**PERMIT, "nonsense": 1}, "nonsense"),
        ({**PERMIT, "phase": "NOON"}, "phase"),
        ({**PERMIT, "facts": {"kind": "XX"}}, "facts.kind"),
        ({**PERMIT, "seen": ["2026-08-04T09:00"]}, "seen"),
    ):
        status, out, err = calc(given, capsys, monkeypatch)
        assert (status, out, err.startswith(place)) == (2, "", True), err

"""Only ``kernel.loops.services`` writes a state: nothing else in the house does, as far as its text can tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.apps import apps

from quancheng.kernel.loops.models import LoopRow
from quancheng.runtime.place import ROOT

PACKAGE = ROOT / "src" / "quancheng"
WRITER = PACKAGE / "kernel" / "loops" / "services.py"
FIELDS = {"status", "status_at"}
#: What is no state of a loop: the HTTP status that a receiver or an upper platform answered, what a check found
#: (checkStatus), whether a tag is in use, and the standard's recommendation, which is called as the row is.
OTHERS = {
    "domains/monitoring/services/tags.py",
    "kernel/exchange/webhooks/services.py",
    "domains/hazards/services/exchange_sending.py",
    "kernel/exchange/upward/transport.py",
    "domains/hazards/services/check_records.py",
    "domains/risk/queries/analyses.py",
}
WRITES = {"update", "create", "get_or_create", "update_or_create", "bulk_update"}
ROWS = {model.__name__ for model in apps.get_models() if issubclass(model, LoopRow)}


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _own(target: ast.Attribute) -> bool:
    """``self.status``: an answer's or a refusal's own; no row's method writes its state."""
    return isinstance(target.value, ast.Name) and target.value.id == "self"


def written_states(text: str) -> Iterator[int]:
    """Lines that write a state: by assignment, by a query set, by making a row, or by naming it to a move."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [each for target in targets for each in getattr(target, "elts", [target])]
            if any(isinstance(each, ast.Attribute) and each.attr in FIELDS and not _own(each) for each in flat):
                yield node.lineno
        if not isinstance(node, ast.Call):
            continue
        name = _called(node)
        if name in WRITES | ROWS and any(keyword.arg in FIELDS for keyword in node.keywords):
            yield node.lineno
        if name == "bulk_update" and any(
            isinstance(each, ast.Constant) and each.value in FIELDS for arg in node.args for each in ast.walk(arg)
        ):
            yield node.lineno
        if name == "move":
            changes = [
                each.value for each in node.keywords if each.arg == "changes" and isinstance(each.value, ast.Dict)
            ]
            keys = {key.value for value in changes for key in value.keys if isinstance(key, ast.Constant)}
            if keys & FIELDS:
                yield node.lineno


def test_no_module_but_the_kernels_own_writes_a_state() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != WRITER and "migrations" not in path.parts and str(path.relative_to(PACKAGE)) not in OTHERS
        for line in written_states(path.read_text())
    ]
    assert found == []


def test_each_way_of_writing_a_state_is_seen() -> None:
    row = min(ROWS)
    for text in (
        "row.status = 'DONE'",
        "row.status, row.status_at = 'DONE', now",
        "rows.filter(pk=1).update(status='DONE')",
        "Task.objects.create(status='DONE')",
        "Task.objects.bulk_update(rows, ['title', 'status'])",
        f"{row}(owner_org=org, status='DONE')",
        "move(actor=actor, row=row, name='x', now=now, changes={'status': 'DONE'})",
    ):
        assert list(written_states(text)), text
    for text in ("row.status == 'DONE'", "render(request, page, status=422)", "rows.filter(status='DONE')"):
        assert not list(written_states(text)), text

"""How many queries each page asks: pinned, so that one more is a decision and never an accident.

The numbers stand in ``query_counts.json``, of the first who gets the page: the director, the department, one of the
three administrators, or another walker of the access table. Where a number is meant to change,
``QUANCHENG_PIN=1 bin/test tests/architecture/test_query_counts.py`` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from tests.architecture.test_access_table import WALKERS, Address, Scene, _given, _records_of, addresses, rows, scene
from tests.factories import make_actor
from tests.support.signing import signed_in

from quancheng.kernel.pages.lists import ListPage
from quancheng.kernel.pages.objects import ObjectPage

__all__ = ["scene"]
PINNED = Path(__file__).with_name("query_counts.json")
#: What the house promises of its list and object pages.
MOST = 15
ADMINISTRATORS = ("admin.system", "admin.security", "admin.audit")
#: Those that ask more. May only shrink.
DEARER: frozenset[str] = frozenset()


def test_each_list_and_object_page_asks_what_is_pinned(scene: Scene) -> None:
    for role in ADMINISTRATORS:
        scene.clients[role] = signed_in(make_actor(scene.district.department_org, role))
    found = {}
    for address in addresses():
        row = rows().get(address.name)
        if row is None or row.get("method", "get") != "get" or address.name.startswith("api:"):
            continue
        for record in _records_of(row) or [""]:
            if (asked := _count(scene, address, record)) is not None:
                found[f"{address.name} {record}".strip()] = asked
    if os.environ.get("QUANCHENG_PIN"):
        PINNED.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    assert found == json.loads(PINNED.read_text(encoding="utf-8")), "see the top of this file"
    dearer = {name for name, asked in found.items() if asked > MOST}
    assert dearer == DEARER, "list and object pages promise at most 15 queries"


def _count(scene: Scene, address: Address, record_name: str) -> int | None:
    """Queries of a list or object page for the first walker who gets it; None for any other address."""
    record = scene.records[record_name] if record_name else None
    if address.arguments and record is None:
        return None
    path = reverse(address.name, kwargs=_given(address, record))
    view = getattr(resolve(path).func, "view_class", None)
    if view is None or not issubclass(view, ListPage | ObjectPage):
        return None
    for walker in ("director", "department", *ADMINISTRATORS, *WALKERS):
        with CaptureQueriesContext(connection) as asked:
            answer = scene.clients[walker].get(path)
        assert answer.status_code < 500, f"{path} fails for {walker}: it would be left out of the pins"
        if answer.status_code == 200:
            # Nothing else: a session that is a minute old is touched. A union begins with a bracket.
            return sum(1 for one in asked if one["sql"].lstrip("(").startswith("SELECT"))
    return None

"""Who may use which address: one table, walked as two enterprises, two towns, a department, the office and nobody.

``access/README.md`` says how to add rows. The walk fails on an address without a row, on an answer that the row does
not allow, and on the first record whose mark stands in an answer to somebody who may not see it.
"""

from __future__ import annotations

import copy
import os
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from tests.architecture.records import Record
from tests.factories import District, make_district
from tests.support.signing import signed_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import is_declared
from quancheng.kernel.pages import nav

WALKERS = ("enterprise", "other_enterprise", "town", "other_town", "department", "director")
WHO = ("open", "machine", "signed_in", "duty", "administrator", "scope")
#: Rows with arguments that name no record: their scope is not walked. May only shrink.
UNWALKED_AT_MOST = 40
#: Walks only addresses whose names contain this, for whoever works on a few of them.
ONLY = os.environ.get("QUANCHENG_WALK", "")
#: A word that most marks of records have.
MARKED = "标记"
#: Values for arguments of which no record speaks.
ABSENT: dict[str, Any] = {
    "IntConverter": 999_999_999, "StringConverter": "nothing", "ExamCodeConverter": "0" * 16, "MarkCode": "0" * 22,
    "ScreenToken": "0" * 43,
}  # fmt: skip


def _table() -> dict[str, Any]:
    """The table out of its files, one a room or part of one; what two of them say is an error."""
    table: dict[str, Any] = {"records": {}, "addresses": {}}
    for path in sorted(Path(__file__).with_name("access").glob("*.toml")):
        for part, rows_of_part in tomllib.loads(path.read_text(encoding="utf-8")).items():
            twice = set(table[part]) & set(rows_of_part)
            assert not twice, f"{path.name} says again: {sorted(twice)}"
            table[part] |= rows_of_part
    return table


TABLE = _table()


@dataclass(frozen=True)
class Address:
    """One named address of the house and the names and kinds of its arguments."""

    name: str
    arguments: dict[str, str]


@dataclass
class Scene:
    """The district with one record of each kind, and a client for each walker."""

    district: District
    records: dict[str, Record] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def actor(self, walker: str) -> Actor:
        found = getattr(self.district, walker)
        assert isinstance(found, Actor)
        return found

    def hidden_from(self, walker: str) -> set[str]:
        """Names of the records that this walker may not see."""
        return {name for name in self.records if walker not in TABLE["records"][name]["sees"]}

    def shown_in(self, body: str) -> set[str]:
        """Names of the records whose marks stand in an answer. Most answers have not even the word that most marks
        share, and are not searched for each of some hundred."""
        has_word = MARKED in body
        return {
            name for name, known in self.records.items()
            if (has_word or MARKED not in known.mark) and known.mark in body
        }  # fmt: skip


def addresses() -> list[Address]:
    """Every address of the house, without those of developers' pages."""

    def walk(patterns: list[Any], namespace: str, kinds: dict[str, str]) -> Iterator[Address]:
        for each in patterns:
            here = kinds | {name: type(value).__name__ for name, value in each.pattern.converters.items()}
            if isinstance(each, URLResolver):
                inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
                yield from walk(each.url_patterns, inner, here)
            elif isinstance(each, URLPattern):
                yield Address(f"{namespace}{each.name}", here)

    return [each for each in walk(get_resolver().url_patterns, "", {}) if not each.name.startswith("web:dev")]


def test_no_page_hides_another() -> None:
    hidden = []
    for each in addresses():
        # Operations of the interface share an address by their methods.
        if not each.name.startswith("api:"):
            found = resolve(reverse(each.name, kwargs=_given(each, None))).view_name
            hidden += [f"{each.name} is hidden by {found}"] if found != each.name else []
    assert hidden == []


def _given(address: Address, record: Record | None) -> dict[str, Any]:
    """Arguments of an address: those of a record, and what stands for nothing where it has none."""
    known = record.arguments if record else {}
    given = {
        name: known[name]
        if name in known
        else ABSENT.get(kind, uuid.uuid4())
        for name, kind in address.arguments.items()
    }
    if "name" in given and isinstance(given["name"], uuid.UUID):
        given["name"] = "ping"
    return given


def rows() -> dict[str, dict[str, Any]]:
    return dict(TABLE["addresses"])


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    named = {each.name for each in addresses()}
    developers = {"web:gallery", "web:failing"}
    assert sorted(named - set(rows()) - developers) == [], "addresses without a row in tests/architecture/access"
    assert sorted(set(rows()) - named) == [], "rows for addresses that do not exist"


def test_every_row_is_well_formed() -> None:
    arguments = {each.name: each.arguments for each in addresses()}
    for name, row in rows().items():
        assert row["who"] in WHO, name
        assert set(row) <= {"who", "duty", "record", "why", "method", "query", "body"}, name
        assert (row["who"] == "duty") == ("duty" in row), f"{name}: a duty belongs to who = duty"
        if "duty" in row:
            assert is_declared(row["duty"]), f"{name}: nobody declared {row['duty']}"
        if row["who"] == "scope":
            assert row.get("record") or row.get("why"), f"{name}: a record, or why there is none"
        for record in _records_of(row):
            assert record in TABLE["records"], name
            assert arguments.get(name), f"{name} takes no argument"
    for name, record in TABLE["records"].items():
        assert set(record["sees"]) <= set(WALKERS), name


def test_addresses_whose_scope_is_not_walked_only_become_fewer() -> None:
    owing = [each.name for each in addresses() if each.arguments and not rows().get(each.name, {}).get("record")]
    assert len(owing) <= UNWALKED_AT_MOST, sorted(owing)


@pytest.fixture
def scene(db: None) -> Scene:
    built = Scene(make_district())
    for name, record in TABLE["records"].items():
        module, _colon, function = record["make"].partition(":")
        with transaction.atomic():
            built.records[name] = getattr(import_module(module), function)(built.district)
    for walker in WALKERS:
        built.clients[walker] = signed_in(built.actor(walker), client=Client(raise_request_exception=False))
    built.clients["nobody"] = Client(raise_request_exception=False)
    return built


@pytest.fixture
def one_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The menu of each walker is built for his first page alone: it is the same on all, and a third of their cost."""
    built: dict[Actor, list[nav.Group]] = {}
    build = nav.menu_for

    def menu_for(actor: Actor, path: str) -> list[nav.Group]:
        if actor not in built:
            built[actor] = build(actor, path)
        return built[actor]

    monkeypatch.setattr(nav, "menu_for", menu_for)


@pytest.mark.slow
def test_nobody_gets_what_the_table_does_not_give_him(scene: Scene, one_menu: None) -> None:
    """One walk over every address as everybody. Each record is also read by all who may see it, somewhere: so that a
    mark which no page shows is no proof.
    """
    wrong: list[str] = []
    hidden = {walker: scene.hidden_from(walker) for walker in scene.clients}
    read: dict[str, set[str]] = {walker: set() for walker in scene.clients}
    for address in addresses():
        row = rows().get(address.name)
        if row is None or ONLY not in address.name:
            continue
        for record in _records_of(row) or [""]:
            for walker in scene.clients:
                status, body = _ask(scene, walker, address, row, record)
                said = f"{address.name} ({record}) as {walker}: {status}"
                if not _allowed(scene, address, row, record, walker, status):
                    wrong.append(f"{said} is not what the table says ({row})")
                shown = scene.shown_in(body)
                wrong += [f"{said} leaks {name}" for name in sorted(shown & hidden[walker])]
                read[walker] |= shown
    for name, row in () if ONLY else TABLE["records"].items():
        readers = [walker for walker in WALKERS if name in read[walker]]
        if row.get("shown", True) and set(readers) != set(row["sees"]):
            wrong.append(f"{name} is read by {readers}, not by {row['sees']}")
    assert wrong == [], "\n".join(["", *wrong])


def _records_of(row: dict[str, Any]) -> list[str]:
    found = row.get("record", [])
    return [found] if isinstance(found, str) else list(found)


def _ask(scene: Scene, walker: str, address: Address, row: dict[str, Any], record_name: str) -> tuple[int, str]:
    """One request, undone afterwards: status and text."""
    client = scene.clients[walker]
    record = scene.records[record_name] if record_name else None
    path, body = reverse(address.name, kwargs=_given(address, record)), row.get("body", "{}")
    if row.get("query"):
        path = f"{path}?{row['query']}"
    method = row.get("method", "get")
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.get(path) if method == "get" else client.generic(method.upper(), path, body, _type(address))
        if answer.status_code == 405:
            answer = client.post(path, body, content_type=_type(address))
        transaction.set_rollback(True)
    # Signing out is undone in the database, so the browser must know its session again too.
    client.cookies = cookies
    text = "" if answer.streaming and answer.is_async else _text(answer)
    return answer.status_code, text


def _type(address: Address) -> str:
    return "application/json" if address.name.startswith("api:") else "application/x-www-form-urlencoded"


def _text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace"))


def _allowed(scene: Scene, address: Address, row: dict[str, Any], record: str, walker: str, status: int) -> bool:
    """Whether the table allows this answer to this walker."""
    if status >= 500:
        return False
    if row["who"] == "open":
        return status not in (401, 403)
    if row["who"] == "machine":
        return status == 401  # a key of its own counts, no sign-in does
    if walker == "nobody":
        # Pages lead to sign-in, programs get 401, a stream is told not to come back.
        return status in ((401,) if address.name.startswith("api:") else (302, 204))
    actor = scene.actor(walker)
    if row["who"] == "duty" and not actor.has(row["duty"]):
        return status in (403, 404)
    if row["who"] == "administrator":
        return status in (403, 404)
    if record and walker not in TABLE["records"][record]["sees"]:
        return status in (403, 404)
    if address.arguments and not record:
        return status in (302, 303, 403, 404, 409, 422)
    if row["who"] == "signed_in":
        return status not in (401, 403, 404)
    return status not in (401, 404)

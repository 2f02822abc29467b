"""Families of records that go up (数据类别): one queue, one way of sending and comparing, whatever the records say.

Those of dual prevention are the room's own. A room above registers its own while the apps get ready, and puts its
records into the queue by :func:`.exchange_queue.put`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.models.exchange import Family
from quancheng.domains.hazards.queries.exchange_facts import Subject, external_keys, keys_of_file, subjects_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.exchange.upward.transport import Addressed, Variant
from quancheng.standards.dual_prevention_exchange import Style, Written, tables, version_of, write_row
from quancheng.standards.wording import Text

Pair = tuple[str, uuid.UUID]


class UpTable(Addressed, Protocol):
    """A table of a family; ``order`` is its place in an upload, parents first."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def order(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """How the records of a family are found, named and written.

    :ivar tables: by our code, parents first. :ivar variants: ways in which its platforms are spoken to.
    :ivar subjects: records of a table by our keys; absent ones are left out.
    :ivar keys_of_file: our keys of all that a file has in a table, to fill a new queue.
    :ivar outside_keys: under which key each record is known outside.
    :ivar write: a row of the queue as it is sent, and why the receiver would refuse it.
    :ivar version: what two sides compare of a sent row.
    """

    family: str
    variants: tuple[str, ...]
    tables: Callable[[], Mapping[str, UpTable]]
    subjects: Callable[[str, Collection[uuid.UUID]], Mapping[uuid.UUID, Subject]]
    keys_of_file: Callable[[Enterprise, str], Iterable[uuid.UUID]]
    outside_keys: Callable[[Collection[Pair]], Mapping[Pair, uuid.UUID]]
    write: Callable[[ExchangeRow, Subject], Written]
    version: Callable[[Mapping[str, Any]], str]


def _write_dual(row: ExchangeRow, subject: Subject) -> Written:
    facts = subject.facts
    if not row.adapter.is_park and "hazardCode1" in facts:
        # Only park platforms have a field of its own for objects that are no major hazard.
        facts = facts | {"hazardCode": facts["hazardCode"] or facts["hazardCode1"], "hazardCode1": None}
    whole = facts | {
        "id": str(row.external_id), "deleted": "1" if subject.is_deleted else "0",
        "createDate": min(subject.created_at, row.changed_at), "createBy": row.created_by,
        "updateDate": row.changed_at, "updateBy": row.changed_by,
    }  # fmt: skip
    return write_row(row.table, whole, Style(row.adapter.times, row.adapter.is_park))


_KNOWN: dict[str, Records] = {
    Family.DUAL: Records(
        family=Family.DUAL, variants=(Variant.PARK, Variant.CITY, Variant.RELAY), tables=tables, subjects=subjects_of,
        keys_of_file=keys_of_file, outside_keys=external_keys, write=_write_dual, version=version_of,
    )
}  # fmt: skip


def register_family(records: Records) -> None:
    """Once each, while the apps get ready. ValueError for one that is there already, or is no family."""
    if records.family not in Family.values or records.family in _KNOWN:
        raise ValueError(f"no family, or known already: {records.family}")
    _KNOWN[records.family] = records


def records_of(adapter: ExchangeAdapter) -> Records:
    """Of a way up."""
    return _KNOWN[adapter.family]


def records_named(family: str) -> Records:
    """KeyError for an unknown one."""
    return _KNOWN[family]

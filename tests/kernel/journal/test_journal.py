"""The journal: written with the act, sealed gaplessly, and proof against what could be done to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from tests.factories import NOW, house_actor

from quancheng.kernel import journal
from quancheng.kernel.canonical import canonical, digest_of
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry, JournalSeal, JournalWaiting
from quancheng.kernel.journal.services import GENESIS, chain_digest, make_root, seal
from quancheng.kernel.journal.verify import verify


def write(count: int = 1, *, org: object = None) -> None:
    for number in range(count):
        with transaction.atomic():
            journal.record(actor=house_actor(), act="test.act", org_id=org, facts={"n": number}, now=NOW)


@pytest.mark.django_db
def test_an_entry_outside_a_transaction_is_refused_since_it_could_outlive_its_act(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        journal.record(actor=house_actor(), act="test.act", now=NOW)


def test_a_rolled_back_act_leaves_no_entry(transactional_db: None) -> None:
    with transaction.atomic():
        journal.record(actor=house_actor(), act="test.act", now=NOW)
        transaction.set_rollback(True)
    assert not JournalEntry.objects.exists()
    assert not JournalWaiting.objects.exists()


def test_fifty_writers_at_once_get_gapless_numbers(transactional_db: None) -> None:
    chains = [uuid7(), uuid7(), None]

    def writer(number: int) -> None:
        write(6, org=chains[number % 3])
        connections.close_all()

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(50)]
    stop = threading.Event()

    def sealer() -> None:
        while not stop.is_set():
            seal(now=NOW, limit=37)
        connections.close_all()

    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in [*threads, *sealers]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    while seal(now=NOW):
        pass
    assert JournalSeal.objects.count() == 300
    for chain in JournalSeal.objects.values_list("chain", flat=True).distinct():
        numbers = list(JournalSeal.objects.filter(chain=chain).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
    found = verify(now=NOW)
    assert (found.faults, found.entries) == ([], 300)


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("journal_journalentry", "act"), ("journal_journalseal", "chain"), ("journal_journalroot", "digest"),
     ("loops_moverecord", "move")],
)  # fmt: skip
def test_the_application_cannot_alter_what_is_append_only(db: None, statement: str, table: str, column: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


@pytest.fixture
def owner(transactional_db: None, postgres_server: object) -> Callable[[], Any]:
    """Opens connections that may do anything, as an intruder with the database's own rights could."""
    name = connection.settings_dict["NAME"]
    return lambda: postgres_server.connect(database=name)  # type: ignore[attr-defined]


def alter(owner: Callable[[], Any], statement: str, *parameters: object) -> None:
    with owner() as link:
        link.execute(statement, parameters)
        link.commit()


def test_a_changed_fact_is_found(owner: Callable[[], Any]) -> None:
    write(5)
    seal(now=NOW)
    assert verify(now=NOW).is_sound
    alter(
        owner,
        "UPDATE journal_journalentry SET facts = '{\"n\": 7}' WHERE seq = (SELECT min(seq) FROM journal_journalentry)",
    )
    faults = verify(now=NOW).faults
    assert len(faults) == 1
    assert "第 1 条的内容与其摘要不符" in faults[0]


def test_a_removed_entry_in_the_middle_is_found(owner: Callable[[], Any]) -> None:
    write(5)
    seal(now=NOW)
    alter(owner, "DELETE FROM journal_journalseal WHERE number = 3")
    assert any("缺号" in fault for fault in verify(now=NOW).faults)


def test_a_cut_tail_is_found_by_the_root_that_was_kept_outside(owner: Callable[[], Any], tmp_path: Path) -> None:
    write(5)
    seal(now=NOW)
    make_root(now=NOW, folder=tmp_path)
    assert verify(now=NOW, roots_folder=tmp_path).is_sound
    alter(
        owner,
        "WITH s AS (DELETE FROM journal_journalseal WHERE number > 3 RETURNING entry_id) "
        "DELETE FROM journal_journalentry WHERE seq IN (SELECT entry_id FROM s)",
    )
    alter(owner, "DELETE FROM journal_journalroot")
    assert verify(now=NOW).is_sound, "inside the database alone nothing is missing any more"
    faults = verify(now=NOW, roots_folder=tmp_path).faults
    assert any("现已不存在" in fault for fault in faults)


def test_a_rewritten_chain_is_found_by_the_root_that_was_kept_outside(owner: Callable[[], Any], tmp_path: Path) -> None:
    write(3)
    seal(now=NOW)
    make_root(now=NOW, folder=tmp_path)
    first = JournalEntry.objects.order_by("seq").first()
    assert first is not None
    first.facts = {"n": 99}
    from quancheng.kernel.journal.services import entry_digest

    forged = entry_digest(first)
    alter(owner, "UPDATE journal_journalentry SET facts = '{\"n\": 99}', digest = %s WHERE seq = %s", forged, first.seq)
    previous = GENESIS
    for entry_seal in JournalSeal.objects.select_related("entry").order_by("number"):
        previous = chain_digest(previous, entry_seal.number, entry_seal.entry.digest)
        alter(owner, "UPDATE journal_journalseal SET chain_digest = %s WHERE entry_id = %s", previous, entry_seal.pk)
    alter(owner, "DELETE FROM journal_journalroot")
    assert verify(now=NOW).is_sound, "whoever rewrites the whole chain deceives a check that has no root"
    assert any("与根" in fault for fault in verify(now=NOW, roots_folder=tmp_path).faults)


def test_an_altered_root_file_is_found(db: None, tmp_path: Path) -> None:
    write(1)
    seal(now=NOW)
    make_root(now=NOW, folder=tmp_path)
    path = next(tmp_path.glob("root-*.json"))
    content = json.loads(path.read_text())
    content["heads"] = {}
    path.write_text(json.dumps(content))
    assert any("自身摘要" in fault for fault in verify(now=NOW, roots_folder=tmp_path).faults)


def test_an_entry_that_waits_too_long_for_its_seal_is_reported(db: None) -> None:
    write(1)
    assert verify(now=NOW + timedelta(minutes=4)).is_sound
    assert not verify(now=NOW + timedelta(minutes=6)).is_sound


GOLDEN = [
    ({"b": 1, "a": "é"}, '{"a":"é","b":1}'),
    ({"z": [True, None, "全程"]}, '{"z":[true,null,"全程"]}'),
]


@pytest.mark.parametrize(("value", "text"), GOLDEN)
def test_canonical_json_has_sorted_keys_and_nfc_text(value: object, text: str) -> None:
    assert canonical(value).decode() == text


def test_canonical_forms_of_decimals_times_and_sets_are_golden() -> None:
    from datetime import UTC, date, datetime
    from decimal import Decimal

    value = {
        "amount": Decimal("12.50"),
        "day": date(2026, 9, 8),
        "at": datetime(2026, 9, 8, 9, 0, 0, 5, UTC),
        "share": 0.1,
        "links": {"use", "trade"},
    }
    assert canonical(value).decode() == (
        '{"amount":"12.50","at":"2026-09-08T09:00:00.000005Z","day":"2026-09-08","links":["trade","use"],"share":"0.1"}'
    )
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(value)

"""Proof that nothing in the journal was altered: digests, gapless chains, and the nightly roots kept outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.canonical import digest_of
from quancheng.kernel.journal.models import JournalEntry, JournalRoot, JournalSeal, JournalWaiting
from quancheng.kernel.journal.services import GENESIS, chain_digest, chain_of, entry_digest

#: An entry may wait this long for its seal before that is reported.
PATIENCE = timedelta(minutes=5)


@dataclass
class Findings:
    """What the check counted, and every fault as a sentence."""

    entries: int = 0
    chains: int = 0
    roots: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.faults


def verify(*, now: datetime, roots_folder: Path | None = None) -> Findings:
    """Recompute every digest and chain and hold them against every root, inside and outside the database.

    Reads in number order, a few rows at a time; memory does not grow with the journal.
    """
    found = Findings()
    heads = _check_chains(found, _numbers_in_roots(roots_folder))
    _check_unsealed(found, now)
    for source, root in _roots(roots_folder):
        found.roots += 1
        _check_root(found, source, root, heads)
    return found


def _check_chains(found: Findings, named: dict[str, set[int]]) -> dict[str, dict[int, str]]:
    """Walk all chains; returns the digests at the numbers that roots name."""
    kept: dict[str, dict[int, str]] = {}
    chain, number, digest = "", 0, GENESIS
    seals = JournalSeal.objects.select_related("entry").order_by("chain", "number")
    for seal in seals.iterator(chunk_size=2000):
        if seal.chain != chain:
            chain, number, digest = seal.chain, 0, GENESIS
            found.chains += 1
        found.entries += 1
        words = {"chain": chain, "number": seal.number}
        if seal.number != number + 1:
            found.faults.append(_("链 %(chain)s 在第 %(number)s 条之前缺号。") % words)
        if entry_digest(seal.entry) != seal.entry.digest:
            found.faults.append(_("链 %(chain)s 第 %(number)s 条的内容与其摘要不符。") % words)
        if chain_of(seal.entry) != chain:
            found.faults.append(_("链 %(chain)s 第 %(number)s 条不属于该链。") % words)
        number = seal.number
        digest = chain_digest(digest, number, seal.entry.digest)
        if digest != seal.chain_digest:
            found.faults.append(_("链 %(chain)s 第 %(number)s 条的链摘要不符。") % words)
            digest = seal.chain_digest
        kept.setdefault(chain, {})
        if number in named.get(chain, ()):
            kept[chain][number] = seal.chain_digest
    return kept


def _check_unsealed(found: Findings, now: datetime) -> None:
    waiting = JournalWaiting.objects.values("entry_id")
    lost = JournalEntry.objects.filter(seal__isnull=True).exclude(seq__in=waiting)
    for entry in lost.order_by("seq")[:100]:
        found.faults.append(_("条目 %(id)s 没有封存，也不在待封存之列。") % {"id": entry.id})
    late = JournalEntry.objects.filter(seq__in=waiting, at__lt=now - PATIENCE).count()
    if late:
        found.faults.append(_("有 %(count)s 条超过五分钟未封存，请检查后台进程。") % {"count": late})


def _check_root(found: Findings, source: str, root: dict[str, Any], kept: dict[str, dict[int, str]]) -> None:
    if digest_of({"at": _time(root["made_at"]), "heads": root["heads"]}) != root["digest"]:
        found.faults.append(_("根 %(source)s 与其自身摘要不符。") % {"source": source})
        return
    for chain, (number, digest) in root["heads"].items():
        words = {"source": source, "chain": chain, "number": number}
        if number not in kept.get(chain, {}):
            found.faults.append(_("根 %(source)s 记载链 %(chain)s 有第 %(number)s 条，现已不存在。") % words)
        elif kept[chain][number] != digest:
            found.faults.append(_("链 %(chain)s 第 %(number)s 条与根 %(source)s 的记载不符。") % words)


def _roots(folder: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for root in JournalRoot.objects.order_by("pk").iterator():
        yield str(root), {"made_at": root.made_at, "heads": root.heads, "digest": root.digest}
    for path in sorted(folder.glob("root-*.json")) if folder and folder.is_dir() else ():
        yield path.name, json.loads(path.read_text(encoding="utf-8"))


def _numbers_in_roots(folder: Path | None) -> dict[str, set[int]]:
    named: dict[str, set[int]] = {}
    for _source, root in _roots(folder):
        for chain, (number, _digest) in root["heads"].items():
            named.setdefault(chain, set()).add(number)
    return named


def _time(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))

"""What several write at the same time, written together (合并写入)."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
from clickhouse_connect.driver.client import Client

from quancheng.stream.store import client as store


class Writer:
    """Writes rows of many threads with few statements: what comes while one writes goes with the next.

    Each statement makes a part of a table that the store merges with others later. Eight partitions that write three
    tables a step cost it more for the parts than for the rows.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._adding, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting] = []

    def write(self, tables: Mapping[str, store.Rows]) -> None:
        """Write rows of some tables, one table after the other as they are named; waits until all of them stand.

        :raises Exception: it is not certain that they stand, whoever wrote them; written again they change nothing.
            StoreAway, where the store said so.
        """
        mine = _Waiting(tables)
        with self._adding:
            self._waiting.append(mine)
        # Whoever gets here first writes for all who wait behind him.
        with self._writing:
            if not mine.is_done:
                self._write()
        if mine.trouble is not None:
            raise mine.trouble

    def _write(self) -> None:
        with self._adding:
            batch, self._waiting = self._waiting, []
        trouble: Exception | None = None
        try:
            for name in dict.fromkeys(name for one in batch for name in one.tables):
                rows = [one.tables[name] for one in batch if name in one.tables]
                store.write(self._client, name, np.concatenate(rows) if len(rows) > 1 else rows[0])
        except Exception as whatever:  # noqa: BLE001 - each of them raises it where it waits
            trouble = whatever
        for one in batch:
            one.is_done, one.trouble = True, trouble


class _Waiting:
    """Rows of one writer, and what came of them."""

    def __init__(self, tables: Mapping[str, store.Rows]) -> None:
        self.tables = tables
        self.is_done = False
        self.trouble: Exception | None = None

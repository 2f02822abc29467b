"""Exchange of dual prevention data (双重预防数据交换): seven tables, how a row of each is written and read.

Source: exchange spec of 2021 as several public programs implement it [V] (the official text was not seen: lengths are
to be checked before going live); reject codes, reasons of reopening and digests are defaults of ours [D]. Fields, code
lists and reject codes are data (``standards/data/exchange_*.csv``), each with its mark.
"""

from quancheng.standards.dual_prevention_exchange.reading import Fault, Read, may_change_state, read_row
from quancheng.standards.dual_prevention_exchange.tables import (
    CodeWord,
    Field,
    Table,
    codes,
    reject_text,
    rejects,
    table,
    tables,
)
from quancheng.standards.dual_prevention_exchange.times import (
    TIME_STYLES,
    read_clock,
    read_time,
    write_clock,
    write_time,
)
from quancheng.standards.dual_prevention_exchange.writing import Style, Written, digest_of, version_of, write_row

__all__ = [
    "TIME_STYLES",
    "CodeWord",
    "Fault",
    "Field",
    "Read",
    "Style",
    "Table",
    "Written",
    "codes",
    "digest_of",
    "may_change_state",
    "read_clock",
    "read_row",
    "read_time",
    "reject_text",
    "rejects",
    "table",
    "tables",
    "version_of",
    "write_clock",
    "write_row",
    "write_time",
]

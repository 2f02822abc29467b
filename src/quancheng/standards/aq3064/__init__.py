"""Exchange of permits of special work (特殊作业票交换): ticket and alarm records, their envelope, codes of both.

Source: AQ 3064.2-2025, tables A.1 (33 items of a ticket), A.2 (kinds and levels), A.3 (alarms), A.4 (codes of alarms)
[V]; AQ 3064.1-2025, A.1 (envelope of business data) [V]. Which items are required before their event is left to both
sides; what we ask for, lengths, names of data types in the envelope and codes of our own alarms are ours [D].
Identifiers and codes are data (``standards/data/aq3064_*.csv``).
"""

from quancheng.standards.aq3064.records import read_record, write_record
from quancheng.standards.aq3064.tables import (
    AlarmCode,
    Field,
    Table,
    alarm_codes,
    exchanged,
    kind_of,
    status_of,
    table,
    tables,
    ticket_type,
)
from quancheng.standards.aq3064.wrapping import unwrap, version_of, wrap

__all__ = [
    "AlarmCode",
    "Field",
    "Table",
    "alarm_codes",
    "exchanged",
    "kind_of",
    "read_record",
    "status_of",
    "table",
    "tables",
    "ticket_type",
    "unwrap",
    "version_of",
    "wrap",
    "write_record",
]

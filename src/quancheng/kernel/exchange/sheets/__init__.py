"""Spreadsheets (电子表格) in and out."""

from quancheng.kernel.exchange.sheets.blank import write_errors, write_template
from quancheng.kernel.exchange.sheets.columns import SheetColumn
from quancheng.kernel.exchange.sheets.guard import ReadLimits
from quancheng.kernel.exchange.sheets.merged import MergedCell, MergedTable, merge_equal
from quancheng.kernel.exchange.sheets.read import CellError, SheetRead, SheetRow, read_xlsx
from quancheng.kernel.exchange.sheets.write import stream_xlsx, write_merged_xlsx, write_xlsx

__all__ = [
    "CellError",
    "MergedCell",
    "MergedTable",
    "ReadLimits",
    "SheetColumn",
    "SheetRead",
    "SheetRow",
    "merge_equal",
    "read_xlsx",
    "stream_xlsx",
    "write_errors",
    "write_merged_xlsx",
    "write_template",
    "write_xlsx",
]

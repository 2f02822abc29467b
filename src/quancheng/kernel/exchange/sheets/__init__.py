"""Spreadsheets (电子表格) in and out."""

from quancheng.kernel.exchange.sheets.columns import SheetColumn
from quancheng.kernel.exchange.sheets.merged import MergedCell, MergedTable, merge_equal
from quancheng.kernel.exchange.sheets.write import stream_xlsx, write_merged_xlsx, write_xlsx

__all__ = [
    "MergedCell",
    "MergedTable",
    "SheetColumn",
    "merge_equal",
    "stream_xlsx",
    "write_merged_xlsx",
    "write_xlsx",
]

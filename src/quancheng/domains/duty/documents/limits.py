"""What reading one document may cost. Pure: imported by the child, which knows no Django."""

from __future__ import annotations

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBER = 80 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 5000
MAX_LINES = 60_000
MAX_CHARS = 4_000_000
MAX_PAGES = 600
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 40
WALL_SECONDS = 60


class Refused(Exception):
    """A document that cannot be read; ``code`` names one of ``errors.BY_CODE``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

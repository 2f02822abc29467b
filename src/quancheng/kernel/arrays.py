"""Lists in one column, none of whose texts is cut.

PostgreSQL cuts what is too long for ``varchar(n)[]`` without a word, because Django casts the list: of ``none`` in
a list of three letters ``non`` was kept. Here it is refused, as a text too long for its own column is.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres import fields
from django.db import DataError


class ArrayField(fields.ArrayField):
    """Django's list column; a text longer than its ``max_length`` raises ``DataError``. Forms say it kindly before."""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        longest = getattr(self.base_field, "max_length", None)
        if longest is not None and isinstance(value, list | tuple):
            for one in value:
                if isinstance(one, str) and len(one) > longest:
                    raise DataError(f"{self.name}: {one[:40]!r} is longer than {longest}")
        return super().get_db_prep_save(value, connection)

    def deconstruct(self) -> Any:
        # In migrations it is the column that it is.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, kwargs


def too_long(field: Any, texts: Any) -> str | None:
    """The first of the texts that a list column would refuse for its length; None where all fit."""
    longest = field.base_field.max_length
    return next((one for one in texts or () if longest is not None and len(one) > longest), None)

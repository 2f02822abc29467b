"""Records of screens with the permit board, and of sites with permits, for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.training.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.permits.models import PermitScreen

_MARK = "标记中控室"


def screen(district: District) -> Record:
    row = PermitScreen.objects.create(file=own_file(district), name=_MARK, token="s" * 43, made_at=NOW)
    return Record({"pk": row.pk}, _MARK)


def site(district: District) -> Record:
    """A site is its enterprise's; permits on it have a record of their own."""
    return Record({"pk": own_file(district).pk}, "标记厂区")

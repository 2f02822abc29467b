"""Records of education for the walk over the access table."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.factories import District

from quancheng.domains.training.models import Programme


def programme(district: District) -> Record:
    """Law, which whoever looks at persons may read."""
    row = Programme.objects.get(code="four-new")
    Programme.objects.filter(pk=row.pk).update(name="标记培训大纲")
    return Record({"pk": row.pk}, "标记培训大纲")

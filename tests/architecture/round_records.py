"""Records of inspection rounds for the walk: of the first enterprise, by the department."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.hazards.factories import own_file
from tests.domains.hazards.round_scene import TODAY, answer, drawn, make_round, target_of
from tests.factories import NOW, District

from quancheng.domains.hazards.models import RoundCheck, SubFieldTag


def draft(district: District) -> Record:
    own_file(district)
    row = make_round(district.department, issue=False, title="标记拟订检查")
    return Record({"pk": row.pk}, "标记拟订检查")


def round_(district: District) -> Record:
    own_file(district)
    row = make_round(district.department, text="标记专项检查要求")
    return Record({"pk": row.pk}, "标记专项检查要求")


def target(district: District) -> Record:
    file = own_file(district)
    row = make_round(district.department, title="标记专项检查任务")
    return Record({"pk": target_of(row, file).pk}, "标记专项检查任务")


def look(district: District) -> Record:
    """Drawn and not yet looked at: the enterprise is not to know."""
    file = own_file(district)
    row = make_round(district.department)
    answer(district.enterprise, target_of(row, file), now=NOW)
    made = drawn(district, row)
    RoundCheck.objects.filter(pk=made.pk).update(title="标记现场核查")
    return Record({"pk": made.pk}, "标记现场核查")


def sub_field(district: District) -> Record:
    row = SubFieldTag.objects.create(
        file=own_file(district), name="标记细分领域", since_date=TODAY, by_name="某甲",
        by_org=district.department_org, created_at=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记细分领域")

"""Records of the kernel's ground for the walk: holidays, an entry of a code list, a law, a file of evidence."""

from __future__ import annotations

import io
from datetime import date

from django.utils import timezone
from tests.architecture.records import Record
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, house_actor
from tests.kernel.exchange.importing import book

from quancheng.kernel.calendar.models import HolidayDay, HolidayYear
from quancheng.kernel.dictionaries.models import CodeItem
from quancheng.kernel.exchange.imports import services as imports
from quancheng.kernel.files.services import attach_files, receive_file
from quancheng.kernel.law.models import LegalText


def holiday_year(district: District) -> Record:
    """Published holidays, the same for everybody."""
    year = HolidayYear.objects.create(year=2031, mark="G", source="示例通知", entered_at=NOW)
    HolidayDay.objects.create(day=date(2031, 1, 1), year=year, works=False, name="标记节日")
    return Record({"year": 2031}, "标记节日")


def import_run(district: District) -> Record:
    """A sheet of holidays that the office uploaded and did not commit."""
    days = [[date(2032, 1, day), "放假", "元旦"] for day in range(1, 10)]
    run = imports.check_upload(
        actor=district.director, code="workcalendar.years", name="标记导入表.xlsx",
        content=book(["日期", "安排", "节日名称"], *days), given={"year": "2032", "source": "示例通知"},
        now=timezone.now(),
    )  # fmt: skip
    return Record({"run_id": run.pk, "code": "workcalendar.years"}, "标记导入表")


def code_item(district: District) -> Record:
    """An entry of a code list, the same for everybody."""
    item = CodeItem.objects.create(
        code_list_id="slogans", code="walk", label="示例用语", meaning="标记含义", mark="D", position=9999
    )
    return Record({"item_id": item.pk}, "标记含义")


def legal_text(district: District) -> Record:
    """A text of the register, the same for everybody."""
    text = LegalText.objects.create(code="WALK", kind="standard", name="示例标准", note="标记说明")
    return Record({"code": text.pk}, "标记说明")


def criterion(district: District) -> Record:
    """A criterion for major hidden dangers, the same for everybody."""
    return Record({"code": "CH-12"}, "探测器布置图")


def checklist(district: District) -> Record:
    """A checklist, the same for everybody."""
    return Record({"code": "CL-PS"}, "卸油防溢阀在用")


def evidence(district: District) -> Record:
    """A file held by the first town's share of a task: its content carries the mark, its name does not."""
    row = make_assignment(district, title="佐证所在分工", leads=[(district.town_org, "甲街道")])
    actor = house_actor()
    file = receive_file(actor=actor, content=io.BytesIO("标记佐证内容".encode()), name="佐证.txt", now=NOW)
    link = attach_files(actor=actor, row=row, file_ids=[file.pk], now=NOW)[0]
    return Record({"link_id": link.pk}, "标记佐证内容")

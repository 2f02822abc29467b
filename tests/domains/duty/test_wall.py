"""The wall chart: one row a task with merged levels, in four views; out as a spreadsheet and in again."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from tests.domains.duty.factories import make_task
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, District, client_of, make_district
from tests.kernel.exchange.importing import checked, imported, reasons, upload
from tests.support.work import do_long_work

from quancheng.domains.duty.models import Assignment, Plan, Task
from quancheng.domains.duty.queries import wall as queries
from quancheng.domains.duty.services import work
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.longwork.models import LongWork

pytestmark = pytest.mark.django_db
URL = "duty:wall"


@pytest.fixture
def district() -> District:
    return make_district()


def chart(district: District, **given: str) -> str:
    return client_of(district.director).get(reverse(URL), given).content.decode()


@pytest.mark.clause("S4-B4.2")
def test_the_chart_shows_every_task_with_units_deadline_and_light(district: District) -> None:
    """The wall chart is generated from the tasks with their units, deadlines and status colours."""
    today = timezone.localdate()
    start = today - timedelta(days=90)
    leads = [(district.department_org, "区应急局"), (district.town_org, "甲街道")]
    for days, title in ((-20, "专项检查"), (3, "清单公示"), (60, "评估")):
        due = today + timedelta(days=days)
        make_task(district, title=title, text=title, leads=leads, start_date=start, due_date=due)
    page = chart(district)
    assert page.count('<td class="duty-wall-measure">') == 3
    assert str(today - timedelta(days=20)) in page
    assert "甲街道" in page
    lights = ("red", "yellow", "green")
    assert [page.count(f"qc-light-{light}") for light in lights] == [1, 1, 1]
    assert "超期" in page


def test_equal_headings_are_one_cell_over_their_rows(district: District) -> None:
    commit(district, NOW)
    page = chart(district)
    assert 'rowspan="3"' in page
    assert 'rowspan="2"' in page


def test_the_worst_light_of_its_units_is_the_tasks(district: District) -> None:
    make_task(
        district,
        leads=[(district.department_org, "区应急局"), (district.town_org, "甲街道")],
        due_date=date(2026, 12, 31),
    )
    one = Assignment.objects.get(org=district.department_org)
    work.accept(actor=district.department, assignment=one, now=NOW)
    rows, _cut = queries.list_rows(actor=district.director, now=NOW + timedelta(days=60))
    assert [row.light for row in rows] == ["yellow"]


def test_the_last_progress_stands_on_the_chart_with_its_unit(district: District) -> None:
    make_task(district)
    one = Assignment.objects.get()
    work.accept(actor=district.department, assignment=one, now=NOW)
    spec = work.ProgressSpec(percent=40, text="已完成动员")
    work.report_progress(actor=district.department, assignment=one, spec=spec, now=NOW)
    assert "：已完成动员" in chart(district)


def test_the_months_show_what_is_planned_and_what_is_done(district: District) -> None:
    make_task(district, start_date=date(2026, 9, 1), due_date=date(2026, 12, 31))
    one = Assignment.objects.get()
    work.accept(actor=district.department, assignment=one, now=NOW)
    spec = work.ProgressSpec(percent=50, text="过半")
    work.report_progress(actor=district.department, assignment=one, spec=spec, now=NOW)
    rows, _cut = queries.list_rows(actor=district.director, now=NOW)
    months = queries.months_of(rows, now=NOW)
    bars = queries.bars_of(rows[0], months, now=NOW)
    assert [month.month for month in months] == [9, 10, 11, 12]
    assert [(bar.planned, bar.done) for bar in bars] == [(True, True), (True, True), (True, False), (True, False)]
    assert "duty-month-done" in chart(district, view="matrix")


def test_a_town_sees_its_own_light_under_its_name(district: District) -> None:
    commit(district, NOW)
    page = chart(district, view="town")
    assert page.count("开展加油站专项检查") == 2
    assert "甲街道" in page
    assert "乙街道" in page


def test_the_chart_by_official_puts_those_without_last(district: District) -> None:
    make_task(district, leading_official="甄一鸣", title="甲")
    make_task(district, title="乙")
    groups = queries.by_official(queries.list_rows(actor=district.director, now=NOW)[0])
    assert [group.name for group in groups] == ["甄一鸣", ""]
    page = chart(district, view="official")
    assert page.index("甄一鸣") < page.index("未写明分管领导")


def test_the_chart_shows_a_unit_what_it_may_see_alone(district: District) -> None:
    commit(district, NOW)
    page = client_of(district.town).get(reverse(URL)).content.decode()
    assert page.count('class="duty-wall-measure"') == 1


def test_an_unknown_parameter_or_view_is_refused(district: District) -> None:
    client = client_of(district.director)
    for given in ({"wiew": "table"}, {"view": "cake"}, {"plan": "1"}, {"paper": "A9"}, {"export": "doc"}):
        assert client.get(reverse(URL), given).status_code == 422


def test_the_print_style_follows_the_paper(district: District) -> None:
    make_task(district)
    assert "wall-a1.css" in chart(district, paper="A1")
    assert "wall-a3.css" in chart(district, paper="A3")


def table_of(content: bytes) -> list[str]:
    """The measures of a responsibility table as a Word document, without the heading."""
    return [row.cells[3].text for row in Document(BytesIO(content)).tables[0].rows][1:]


def test_a_file_has_every_row_of_a_chart_too_long_for_its_page(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quancheng.domains.duty.queries.wall.MOST_ROWS", 2)
    for name in "甲乙丙":
        make_task(district, title=name, text=f"检查{name}")
    client = client_of(district.director)
    page = client.get(reverse(URL)).content.decode()
    assert page.count('<td class="duty-wall-measure">') == 2
    assert client.get(reverse(URL), {"export": "docx"}).status_code == 413

    answer = client.post(reverse(URL), {"export": "docx"})
    pk = LongWork.objects.get().pk
    assert (answer.status_code, answer["Location"]) == (303, reverse("longwork:work", args=[pk]))
    client.post(reverse(URL), {"export": "docx"})
    assert LongWork.objects.count() == 1
    done = do_long_work()
    assert (done.state, done.message) == ("done", "共导出3条。")
    link = FileLink.objects.get(subject_id=pk)
    body = b"".join(client.get(reverse("files:download", args=[link.pk])).streaming_content)  # type: ignore[attr-defined]
    assert sorted(text[-1] for text in table_of(body)) == sorted("甲乙丙")
    assert JournalEntry.objects.get(act="duty.wall.export").facts["rows"] == 3


def test_a_short_chart_is_a_file_at_once(district: District) -> None:
    make_task(district)
    answer = client_of(district.director).post(reverse(URL), {"export": "xlsx", "paper": "A1"})
    assert answer.status_code == 200
    assert openpyxl.load_workbook(BytesIO(answer.content)).active.page_setup.orientation == "landscape"
    assert client_of(district.director).post(reverse(URL), {}).status_code == 422


def test_a_namesake_of_a_charted_plan_keeps_its_tasks_in_the_table(district: District) -> None:
    charted, namesake = (commit(district, NOW) for _number in range(2))
    Plan.objects.filter(pk=namesake.pk).update(title=charted.title)
    first = charted.tasks.order_by("order").first()
    assert first is not None
    Task.objects.filter(pk=first.pk).update(in_chart=True)
    body = client_of(district.director).get(reverse(URL), {"export": "docx"}).content
    assert len(table_of(body)) == 1 + namesake.tasks.exclude(assignments__isnull=True).count()


GIVEN = {
    "title": "甲街道挂图作战责任表", "issued": "2026-01-10", "period_from": "2026-01-01", "period_to": "2026-12-31",
}  # fmt: skip


def test_a_long_measure_leaves_the_house_whole(district: District) -> None:
    words = "对重点企业逐一检查并记录，" * 40
    make_task(district, title="检查", text=words)
    assert words not in chart(district)
    client = client_of(district.director)
    word = client.get(reverse(URL), {"export": "docx"}).content
    assert words in [cell.text for row in Document(BytesIO(word)).tables[0].rows for cell in row.cells][9]
    sheet = openpyxl.load_workbook(BytesIO(client.get(reverse(URL), {"export": "xlsx"}).content)).active
    assert any(words in str(cell.value) for row in sheet.iter_rows() for cell in row)


@pytest.mark.clause("S4-BX0")
def test_the_chart_goes_out_with_merged_cells_and_comes_in_again(district: District) -> None:
    """The chart is exported with merged cells and imported in the same shape as drafts of a plan in review."""
    plan = commit(district, NOW)
    answer = client_of(district.director).get(reverse(URL), {"plan": str(plan.pk), "export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    headings = next(
        [cell.value for cell in row] for row in sheet.iter_rows() if any(cell.value == "序号" for cell in row)
    )
    assert headings[:4] == ["序号", "重点任务（一级）", "重点任务（二级）", "工作措施"]
    assert {"责任人", "分管领导"} <= set(headings)
    assert len(sheet.merged_cells.ranges) >= 2
    assert JournalEntry.objects.filter(act="duty.wall.export").count() == 1

    client = client_of(district.director)
    run = imported(client, "duty.chart", answer.content, **GIVEN)
    again = Plan.objects.exclude(pk=plan.pk).get()
    review = reverse("duty:review", args=[again.pk])
    assert review in client.get(f"/exchange/imports/{run.pk}").content.decode()
    drafts = list(again.drafts.order_by("order"))
    before = list(plan.tasks.order_by("order"))
    assert [one.content["text"] for one in drafts] == [task.text for task in before]
    assert [one.content["level2"] for one in drafts] == [task.level2 for task in before]
    assert [one.content["due_date"] for one in drafts] == [str(task.due_date) for task in before]
    assert all(unit["sure"] for one in drafts for unit in one.units)
    assert "开展加油站专项检查" in client.get(review).content.decode()


def sheet_of(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


HEADINGS = ["序号", "一级任务", "二级任务", "措施", "责任人", "分管领导", "时限"]


def test_a_towns_own_chart_comes_in_with_persons_officials_and_unrolled_cells(district: District) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲街道危险化学品挂图作战表"])
    sheet.append(HEADINGS)
    sheet.append(["1", "落实责任", "联席会议", "（1）每季度召开1次联席会议", "边知行、荀乐山", "甄一鸣", "每季度"])
    sheet.append(["2", None, None, "（2）公示三张清单", "边知行", "甄一鸣", "2026年3月底前"])
    sheet.merge_cells("B3:B4")
    sheet.merge_cells("C3:C4")
    out = BytesIO()
    book.save(out)
    imported(client_of(district.director), "duty.chart", out.getvalue(), **GIVEN)
    first, second = Plan.objects.get().drafts.order_by("order")
    assert first.content["kind"] == "recurring"
    assert first.content["persons"] == "边知行、荀乐山"
    assert (second.content["level1"], second.content["level2"]) == ("落实责任", "联席会议")
    assert second.content["text"] == "公示三张清单"
    assert second.content["due_date"] == "2026-03-31"
    assert second.content["leading_official"] == "甄一鸣"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (sheet_of(["甲", "乙"], ["1", "2"]), "no_headings"),
        (sheet_of(HEADINGS, ["1", "落实责任", "", "", "", "", ""]), "required"),
        (sheet_of(HEADINGS), "empty"),
        (sheet_of(HEADINGS, ["1", "落实责任", "", "=1+1", "", "", ""]), "formula"),
    ],
)
def test_a_bad_sheet_is_told_and_enters_nothing(district: District, content: bytes, code: str) -> None:
    run = checked(client_of(district.director), "duty.chart", content, **GIVEN)
    assert code in [told for _cell, told in reasons(run)]
    assert not Plan.objects.exists()


def test_what_the_sheet_does_not_say_is_asked_for_and_kept(district: District) -> None:
    given = {**GIVEN, "period_to": "2025-12-31"}
    answer = upload(client_of(district.director), "duty.chart", sheet_of(HEADINGS), **given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "截止日期不能早于起始日期" in page
    assert "甲街道挂图作战责任表" in page


def test_an_unreadable_deadline_is_marked_and_not_guessed(district: District) -> None:
    rows = sheet_of(HEADINGS, ["1", "落实责任", "", "公示清单", "", "", "看情况"])
    imported(client_of(district.director), "duty.chart", rows, **GIVEN)
    draft = Plan.objects.get().drafts.get()
    assert "未能识别" in draft.content["doubts"][0]["text"]

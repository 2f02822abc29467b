"""Plans of a site: taken in, drawn on, in the colours of any day, printed; what is wrong is told at its field."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.domains.risk.factories import make_event, make_measure, make_object, make_unit
from tests.domains.risk.test_maps import risky
from tests.factories import District, client_of, house_actor, make_district
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk import plan_geometry
from quancheng.domains.risk.models import PlanMark, SitePlan
from quancheng.domains.risk.services import pictures, risks
from quancheng.domains.risk.services import plans as services
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


def picture(width: int = 800, height: int = 600, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#eef2f3").save(out, format=kind)
    return out.getvalue()


def upload(content: bytes | None = None, name: str = "plan.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


@replayed
def own_file(district: District) -> Enterprise:
    now = timezone.now() - timedelta(days=30)
    return open_own_file(actor=district.enterprise, kind="depot", known={}, now=now)


def add(district: District, file: Enterprise, *, days: int = 10, **known: Any) -> SitePlan:
    given: dict[str, Any] = {"name": "总平面图", "upload": upload(), **known}
    now = timezone.now()
    edition = timezone.localdate() - timedelta(days=days)
    return services.add_plan(actor=district.enterprise, file=file, edition=edition, now=now, **given)


def draw(district: District, plan: SitePlan, subject: Any, text: str) -> PlanMark:
    return services.draw_mark(
        actor=district.enterprise, plan=plan, subject_id=subject.pk, points=plan_geometry.read_points(text),
        now=timezone.now(),
    )  # fmt: skip


def test_an_enterprise_uploads_its_plan_draws_on_it_and_everybody_in_scope_sees_the_colours() -> None:
    district = make_district()
    file = own_file(district)
    measure = risky(file)
    unit = measure.event.unit
    other = make_unit(house_actor(), unit.object, code="U2", name="示例二号罐")
    own = client_of(district.enterprise)
    sent = {"name": "总平面图", "edition": timezone.localdate().isoformat(), "picture": upload(),
            "scale_points": "100,500 500,500", "scale_m": "200", "takes_over": "on"}  # fmt: skip
    answer = own.post(reverse("risk:plan_new", args=[file.pk]), sent)
    plan = SitePlan.objects.get()
    assert answer.headers["Location"] == reverse("risk:plan_draw", args=[plan.pk])
    assert (plan.width_px, plan.height_px) == (800, 600)
    address = reverse("risk:plan_draw", args=[plan.pk])
    shape = {"subject": str(unit.pk), "points": "100,100 300,100 300,260 100,260"}
    assert own.post(address, shape).status_code in (302, 303)
    site = reverse("risk:site", args=[file.pk])
    page = client_of(district.director).get(site).content.decode()
    assert 'points="100,100 300,100 300,260 100,260"' in page
    assert "url(#plan-blue)" in page
    assert "低风险" in page
    # The bar of scale: 400 px are 200 m, a fifth of 800 px is 80 m, so 50 m.
    assert ">50 m<" in page
    assert "还没有画在图上" in page
    assert f"{other.code} {other.name}" in page
    # A point, and nobody has assessed it: grey, with its word.
    own.post(address, {"subject": str(other.pk), "points": "500,400"})
    page = client_of(district.director).get(site).content.decode()
    assert "url(#plan-none)" in page
    assert "还没有画在图上" not in page
    # A measure that fails colours the unit on the plan; yesterday's plan stays as it was.
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now())
    page = client_of(district.director).get(site).content.decode()
    assert "url(#plan-yellow)" in page
    assert measure.text in page
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert "url(#plan-blue)" in client_of(district.director).get(site, {"day": yesterday}).content.decode()
    assert "url(#plan-red)" in client_of(district.director).get(site, {"of": "inherent"}).content.decode()
    # Drawn away again.
    mark = PlanMark.objects.get(unit=other)
    own.post(reverse("risk:mark_erase", args=[plan.pk, mark.pk]))
    assert not PlanMark.objects.filter(unit=other).exists()


def test_the_sheet_for_the_wall_is_a_page_of_its_size_with_title_and_what_is_missing() -> None:
    district = make_district()
    file = own_file(district)
    unit = risky(file).event.unit
    make_unit(house_actor(), unit.object, code="U9", name="没有画的单元")
    plan = add(district, file, scale=(((0, 0), (400, 0)), 100))
    draw(district, plan, unit, "100,100 300,100 300,260 100,260")
    for size, width in (("a3", 420), ("a2", 594)):
        answer = client_of(district.director).get(reverse("risk:plan_pdf", args=[plan.pk, size]))
        assert answer.headers["Content-Type"] == "application/pdf"
        document = pypdfium2.PdfDocument(answer.content)
        assert len(document) == 1
        assert round(document[0].get_size()[0] / 72 * 25.4) == width
        text = document[0].get_textpage().get_text_range()
        assert "四色分布图" in text
        assert "没有画的单元" in text
    assert client_of(district.other_town).get(reverse("risk:plan_pdf", args=[plan.pk, "a3"])).status_code == 404
    assert client_of(district.director).get(reverse("risk:plan_pdf", args=[plan.pk, "a9"])).status_code == 404


def test_the_first_page_of_a_pdf_becomes_the_plan() -> None:
    district = make_district()
    file = own_file(district)
    out = io.BytesIO()
    Image.new("RGB", (1190, 842), "#eef2f3").save(out, format="PDF", resolution=72)
    plan = add(district, file, upload=upload(out.getvalue(), "plan.pdf"))
    assert plan.width_px == 3000
    page = client_of(district.enterprise).get(reverse("risk:site", args=[file.pk])).content.decode()
    assert "<image" in page


def test_what_is_no_plan_is_told_at_its_field_and_the_typed_text_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    district = make_district()
    file = own_file(district)
    own = client_of(district.enterprise)
    address = reverse("risk:plan_new", args=[file.pk])
    today = timezone.localdate()
    bad = [
        ({"picture": upload(b"%PDF-1.7 broken", "x.pdf")}, "读不出这份PDF"),
        ({"picture": upload(b"GIF89a not really", "x.png")}, "损坏"),
        ({"picture": upload("只是文字".encode(), "x.txt")}, "应为图片"),
        ({"picture": upload(), "edition": (today + timedelta(days=1)).isoformat()}, "不能晚于今天"),
        ({"picture": upload(), "scale_points": "1,1 1,1", "scale_m": "5"}, "两个不同的点"),
        ({"picture": upload(), "scale_points": "1,1 9,9"}, "请填写两点间的距离"),
        ({"picture": upload(), "scale_points": "abc", "scale_m": "5"}, "横坐标"),
    ]
    for more, sentence in bad:
        sent = {"name": "储罐区平面图", "edition": today.isoformat(), **more}
        answer = own.post(address, sent)
        text = answer.content.decode()
        assert answer.status_code == 422, sentence
        assert sentence in text
        assert "储罐区平面图" in text
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)
    answer = own.post(address, {"name": "储罐区平面图", "edition": today.isoformat(), "picture": upload()})
    assert answer.status_code == 422
    assert "MB" in answer.content.decode()
    assert not SitePlan.objects.exists()


def test_a_shape_that_crosses_itself_lies_outside_or_is_anothers_is_refused() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    plan = add(district, file)
    stranger = open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=timezone.now())
    other = make_unit(district.other_enterprise, make_object(district.other_enterprise, stranger))
    own = client_of(district.enterprise)
    address = reverse("risk:plan_draw", args=[plan.pk])
    for points, sentence in (
        ("0,0 100,100 100,0 0,100", "互相交叉"),
        ("0,0 100,0", "至少要三个角"),
        ("0,0 9000,0 9000,50", "图外"),
        ("0;0", "横坐标"),
        ("0,0 100,0 50,0", "交叉或重叠"),
        ("", "请填写此项"),
    ):
        answer = own.post(address, {"subject": str(unit.pk), "points": points})
        assert answer.status_code == 422, points
        assert sentence in answer.content.decode(), points
        assert points in answer.content.decode()
    answer = own.post(address, {"subject": str(other.pk), "points": "10,10"})
    assert answer.status_code == 422
    assert not PlanMark.objects.exists()
    # Who does not keep the list draws nothing, who does not see it finds nothing.
    assert client_of(district.director).get(address).status_code in (200, 403)
    outside = client_of(district.other_enterprise)
    assert outside.get(address).status_code == 404
    assert outside.post(address, {"subject": str(other.pk), "points": "1,1"}).status_code == 404


def test_a_plan_sent_twice_holds_its_picture_once_and_its_scale_is_changed_under_its_version() -> None:
    district = make_district()
    file, sent = own_file(district), uuid.uuid4()
    plan = add(district, file, client_id=sent)
    assert add(district, file, client_id=sent).pk == plan.pk
    assert FileLink.objects.filter(subject_id=plan.pk).count() == 1
    own, page = client_of(district.enterprise), reverse("risk:plan_scale", args=[plan.pk])
    assert 'name="version"' in own.get(page).content.decode()
    typed = {"scale_points": "100,500 700,500", "scale_m": "60", "version": "1"}
    assert own.post(page, typed).status_code in (302, 303)
    entry = JournalEntry.objects.filter(act="risk.plan.scale").get()
    assert entry.facts["before"] == {"scale_m": None, "scale_points": None}
    assert entry.facts["after"] == {"scale_m": "60", "scale_points": [[100, 500], [700, 500]]}
    # The same again changes nothing, another over a version that was not read is refused and keeps what was typed.
    assert own.post(page, typed | {"version": "2"}).status_code in (302, 303)
    assert JournalEntry.objects.filter(act="risk.plan.scale").count() == 1
    stale = own.post(page, typed | {"scale_m": "75"})
    assert stale.status_code == 409
    assert "75" in stale.content.decode()


def test_old_editions_stand_as_they_were_with_units_that_have_left_the_list() -> None:
    district = make_district()
    file = own_file(district)
    unit = risky(file).event.unit
    stays = make_unit(house_actor(), unit.object, code="U2", name="留下的单元")
    old = add(district, file, days=10)
    draw(district, old, unit, "100,100 300,100 300,260 100,260")
    draw(district, old, stays, "400,400")
    for measure in unit.events.get().measures.all():
        risks.mark_verified(actor=house_actor(), row=measure, now=timezone.now())
    risks.end_unit(actor=district.enterprise, row=unit, reason="拆除", now=timezone.now())
    new = add(district, file, days=0)
    # The new edition takes over what still stands; the old one is only read.
    assert [one.unit_id for one in new.marks.all()] == [stays.pk]
    own = client_of(district.enterprise)
    answer = own.post(reverse("risk:plan_draw", args=[old.pk]), {"subject": str(stays.pk), "points": "1,1"})
    assert answer.status_code == 409
    assert "旧版平面图" in answer.content.decode()
    site = reverse("risk:site", args=[file.pk])
    assert 'points="100,100' not in own.get(site).content.decode()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    past = own.get(site, {"day": yesterday}).content.decode()
    assert 'points="100,100' in past
    assert f"{old.edition_date}版" in past
    # Taken back, the older one is the newest again.
    own.post(reverse("risk:plan_end", args=[new.pk]), {"reason": "传错了"})
    assert own.post(
        reverse("risk:plan_draw", args=[old.pk]), {"subject": str(stays.pk), "points": "1,1"}
    ).status_code in (302, 303)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=8, unique=True))
def test_a_ring_that_passes_has_no_two_sides_that_meet(ring: list[tuple[int, int]]) -> None:
    try:
        kept = plan_geometry.check_shape(ring, width=50, height=50)
    except plan_geometry.BadShape:
        return
    # Turning it round or beginning elsewhere changes nothing, and its middle lies in the picture.
    for other in (kept[::-1], kept[1:] + kept[:1]):
        assert not plan_geometry.crosses_itself(other)
    x, y = plan_geometry.middle(kept)
    assert 0 <= x <= 50
    assert 0 <= y <= 50
    assert plan_geometry.read_points(plan_geometry.written(kept)) == kept


def test_the_bar_of_scale_is_round_and_no_longer_than_a_fifth() -> None:
    for metres, width in ((100, 800), (37.5, 3000), (0.5, 900), (5000, 1200)):
        length, pixels = plan_geometry.bar_of(((0, 0), (200, 0)), metres, width)
        assert int(str(length).rstrip("0")) in (1, 2, 5)
        assert pixels == pytest.approx(length * 200 / metres)
        assert pixels <= width / 5 or length == 1


def test_measures_of_events_below_are_told_at_the_unit_and_the_object() -> None:
    district = make_district()
    file = own_file(district)
    measure = risky(file)
    make_measure(house_actor(), make_event(house_actor(), measure.event.unit, name="另一事件"), text="另一措施")
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now())
    page = client_of(district.enterprise).get(
        reverse("risk:object", args=[measure.event.unit.object_id]) + "?tab=colours"
    ).content.decode()
    assert f"管控措施失效：{measure.text}" in page

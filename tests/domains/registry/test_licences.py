"""A licence is entered, checked against what is there, warned of, prolonged; who lets it lapse is led out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Enterprise, Licence, LicenceExit, LicenceRenewal
from quancheng.domains.registry.queries.derived import two_key_one_major
from quancheng.domains.registry.services.expiry import look_at_licences
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    return client_of(district.enterprise)


@pytest.fixture
def file(district: District, own: Client) -> Enterprise:
    Organisation.objects.filter(pk=district.enterprise_org.pk).update(credit_code=CODES[0])
    answer = own.post("/registry/own/new", {"kind": "trader_storage", "address": "甲街道示例路1号"})
    assert answer.status_code == 303, faults(answer)
    return Enterprise.objects.get()


def scan(name: str = "扫描件.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "证照".encode(), content_type="text/plain")


def enter(client: Client, file: Enterprise, **given: Any) -> Any:
    today = timezone.localdate()
    body = {
        "kind": "OPERATING", "number": "示例经字001", "valid_from": today - timedelta(days=400),
        "valid_to": today + timedelta(days=400), "trading_address": "示例市示例区甲街道示例路1号",
        "holder_name": "示例甲化工有限公司", "holder_code": CODES[0], "issuer": "示例市应急管理局", **given,
    }  # fmt: skip
    return client.post(f"/registry/enterprises/{file.pk}/licences/new", {k: v for k, v in body.items() if v != ""})


def page_of(client: Client, file: Enterprise, tab: str = "licences") -> str:
    return str(client.get(f"/registry/enterprises/{file.pk}?tab={tab}").content.decode())


def moment(day: date) -> datetime:
    """Six in the morning of a day."""
    return datetime(day.year, day.month, day.day, 6, tzinfo=timezone.get_current_timezone())


def faults(answer: Any) -> list[str]:
    """What a refused form says beside its fields."""
    form = answer.context["form"] if answer.context and "form" in answer.context else None
    return [] if form is None else [str(one) for errors in form.errors.values() for one in errors]


def act(client: Client, path: str, name: str, **given: Any) -> Any:
    return client.post(path, {"act": name, **given})


@pytest.mark.clause("S3-5.3a")
def test_the_matrix_says_which_licences_a_class_needs_which_it_has_and_what_asks_for_them(
    own: Client, file: Enterprise
) -> None:
    page = page_of(own, file)
    assert "没有登记危险化学品经营许可证" in page
    assert "没有登记营业执照" in page
    assert "危险化学品经营许可证管理办法" in page
    assert "未填写是否进口危险化学品" in page
    answer = enter(own, file, items="氯 5 t\n7664-41-7", evidence=scan())
    assert answer.status_code == 303, faults(answer)
    licence = Licence.objects.get()
    assert licence.renew_date == licence.valid_to - timedelta(days=90)  # type: ignore[operator]
    page = page_of(own, file)
    assert "没有登记危险化学品经营许可证" not in page
    assert "示例经字001" in page
    shown = own.get(f"/registry/licences/{licence.pk}").content.decode()
    assert "7782-50-5" in shown
    assert "扫描件.txt" in own.get(f"/registry/licences/{licence.pk}?tab=files").content.decode()
    act(own, f"/registry/enterprises/{file.pk}", "facts", imports="no")
    assert "未填写是否进口危险化学品" not in page_of(own, file)


@pytest.mark.clause("S3-5.3c")
@pytest.mark.clause("S3-5.3a")
def test_stock_outside_the_scope_above_its_quantity_and_another_address_are_shown_first(
    own: Client, file: Enterprise
) -> None:
    actor = house_actor()
    tank = make_facility(actor, make_unit(actor, file))
    make_holding(actor, tank, "氯", present_t="6")
    make_holding(actor, tank, "氨", present_t="1")
    assert enter(own, file, items="7782-50-5 5 t", trading_address="示例市示例区乙街道别处路9号").status_code == 303
    page = page_of(own, file, "units")
    assert "氨不在危险化学品经营许可证的许可范围内" in page
    assert "氯：存量合计 6 吨，超过证照许可量 5 吨" in page
    assert "乙街道别处路9号" in page
    assert page.index("需要处理") < page.index("基本情况")


@pytest.mark.clause("S3-5.3c")
def test_a_trader_on_paper_may_keep_no_goods(district: District) -> None:
    actor = house_actor()
    file = make_file(actor, area=district.street_area, kind="trader_paper", code=CODES[1])
    make_holding(actor, make_facility(actor, make_unit(actor, file)), "甲醇", present_t="2")
    assert "票据经营企业不得存放实物，现有存量 2 吨" in page_of(client_of(district.town), file, "units")


@pytest.mark.clause("S3-3.1.7a")
def test_the_business_licence_is_matched_by_the_unified_social_credit_code(own: Client, file: Enterprise) -> None:
    wrong = enter(own, file, kind="BUSINESS", number="91990102MA00A001X6", valid_to="", valid_from="")
    assert wrong.status_code == 422
    assert not Licence.objects.exists()
    assert enter(own, file, kind="BUSINESS", number=CODES[0], valid_to="", valid_from="").status_code == 303
    assert enter(own, file, holder_code=CODES[1]).status_code == 303
    page = page_of(own, file)
    assert f"所载统一社会信用代码 {CODES[1]} 与企业代码 {CODES[0]} 不一致" in page
    assert "长期" in page
    assert "没有登记营业执照" not in page


@pytest.mark.clause("S3-3.1.7b")
def test_a_maker_of_packages_needs_a_production_licence_and_its_validity_is_kept(district: District) -> None:
    actor = house_actor()
    file = make_file(actor, area=district.street_area, kind="producer", code=CODES[1])
    bureau = client_of(district.department)
    assert "工业产品生产许可证管理条例" in page_of(bureau, file)
    office = client_of(district.officer)
    assert act(office, f"/registry/enterprises/{file.pk}", "facts", makes_listed_product="yes").status_code == 303
    assert "没有登记工业产品生产许可证" in page_of(office, file)
    answer = enter(office, file, kind="PRODUCT_PRODUCTION", number="XK-示例-001", holder_code="", holder_name="")
    assert answer.status_code == 303, faults(answer)
    assert "没有登记工业产品生产许可证" not in page_of(office, file)
    assert "XK-示例-001" in office.get("/registry/licences?kind=PRODUCT_PRODUCTION&state=valid").content.decode()


@pytest.mark.clause("S3-3.1.1c")
def test_a_registration_certificate_is_kept_with_its_chemicals_and_warned_of(own: Client, file: Enterprise) -> None:
    today = timezone.localdate()
    ends = today + timedelta(days=100)
    answer = enter(own, file, kind="REGISTRATION", number="示例登001", items="氯\n氨", valid_to=ends, evidence=scan())
    assert answer.status_code == 303, faults(answer)
    certificate = Licence.objects.get()
    assert {item.chemical.name for item in certificate.items.all()} == {"氯", "氨"}
    look_at_licences(now=moment(today))
    assert "个证照即将到期" in own.get("/notices/").content.decode()
    calendar = own.get("/registry/licences/calendar?kind=REGISTRATION").content.decode()
    assert "示例登001" in calendar
    assert f"{ends.year}年{ends.month}月到期" in calendar


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"valid_to": ""}, "请填写有效期止"),
        ({"valid_to": "2020-01-01", "valid_from": "2021-01-01"}, "不能早于有效期起"),
        ({"items": "没有这种东西 5 t"}, "化学品目录中没有"),
        ({"items": "氯 5 箱"}, "不认识的单位"),
        ({"holder_code": "91990102MA00A001X6"}, "统一社会信用代码有误"),
        ({"number": ""}, "请填写"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    own: Client, file: Enterprise, given: dict[str, str], said: str
) -> None:
    answer = enter(own, file, **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Licence.objects.exists()


def test_an_expiry_is_warned_of_at_each_step_once_and_caught_up_after_days_without_a_round(
    district: District, own: Client, file: Enterprise
) -> None:
    today = timezone.localdate()
    ends = today + timedelta(days=150)
    enter(own, file, valid_to=ends)
    licence = Licence.objects.get()

    def told() -> int:
        notice = Notice.objects.filter(kind="registry.licence.expiring")
        return sum(one.data["count"] for one in notice)

    assert look_at_licences(now=moment(today)) == 0
    assert look_at_licences(now=moment(ends - timedelta(days=120))) == 1
    assert look_at_licences(now=moment(ends - timedelta(days=119))) == 0
    assert told() == 1
    renewal = LicenceRenewal.objects.get()
    item = WorkItem.objects.open().get(subject_id=renewal.pk)
    assert item.owner_org_id == file.pk
    assert timezone.localdate(item.due_at) == ends - timedelta(days=90)
    # Nothing ran for weeks: of 90, 60 and 30 days only the last is told.
    assert look_at_licences(now=moment(ends - timedelta(days=25))) == 1
    licence.refresh_from_db()
    assert (licence.reminded_days, told()) == (30, 2)
    answer = act(own, f"/registry/licences/renewals/{renewal.pk}", "apply", text="已提出，受理编号001")
    assert answer.status_code == 303, faults(answer)
    assert enter(own, file, valid_to=ends + timedelta(days=1095)).status_code == 303
    renewal.refresh_from_db()
    licence.refresh_from_db()
    assert (renewal.status, licence.state_on(ends)) == ("RENEWED", "replaced")
    assert look_at_licences(now=moment(ends + timedelta(days=1))) == 0
    assert not LicenceExit.objects.exists()


@pytest.mark.clause("S1-9e")
def test_who_lets_a_licence_lapse_is_ordered_to_stop_checked_and_closed(
    district: District, own: Client, file: Enterprise
) -> None:
    today = timezone.localdate()
    enter(own, file, valid_to=today - timedelta(days=1))
    bureau, head = client_of(district.department), client_of(district.department_head)
    look_at_licences(now=timezone.now())
    look_at_licences(now=timezone.now())
    row = LicenceExit.objects.get()
    item = WorkItem.objects.open().get(subject_id=row.pk)
    assert item.owner_org_id == district.department_org.pk
    path = f"/registry/licences/exits/{row.pk}"
    assert "未换发新证" in bureau.get(path).content.decode()
    # Without a paper there is no order.
    assert act(bureau, path, "order", text="责令停止经营").status_code == 422
    assert act(bureau, path, "order", text="示应急责停〔2026〕1号", evidence=scan("决定书.txt")).status_code == 303
    file.refresh_from_db()
    assert file.life == "exiting"
    assert act(bureau, path, "check", text="已停业，库存清空", evidence=scan("照片.txt")).status_code == 303
    assert act(own, path, "close", text="关闭", evidence=scan()).status_code == 403
    assert act(head, path, "close", text="注销经营许可证", evidence=scan("决定.txt")).status_code == 303
    file.refresh_from_db()
    licence = Licence.objects.get()
    assert (file.life, licence.decision) == ("closed", "cancelled")
    assert "已关闭退出" in bureau.get("/registry/licences/exits?status=CLOSED").content.decode()
    assert "已注销" in bureau.get(f"/registry/licences/{licence.pk}").content.decode()


@pytest.mark.clause("S1-9e")
def test_an_exit_for_unsafe_conditions_is_opened_by_the_office_and_ends_when_they_are_met(
    district: District, own: Client, file: Enterprise
) -> None:
    bureau = client_of(district.department)
    path = f"/registry/enterprises/{file.pk}/exit/new"
    assert own.get(path).status_code == 403
    assert bureau.post(path, {"reason": "安全距离不足，无法整改"}).status_code == 303
    assert bureau.post(path, {"reason": "再次启动"}).status_code == 409
    row = LicenceExit.objects.get()
    path = f"/registry/licences/exits/{row.pk}"
    act(bureau, path, "order", text="责令停产停业", evidence=scan())
    assert act(bureau, path, "resume", text="已搬迁，经评价符合条件").status_code == 303
    file.refresh_from_db()
    assert file.life == "operating"


def test_a_lapsed_trade_goes_on_only_with_a_verified_licence(
    district: District, own: Client, file: Enterprise
) -> None:
    today = timezone.localdate()
    enter(own, file, valid_to=today - timedelta(days=1))
    look_at_licences(now=timezone.now())
    bureau = client_of(district.department)
    path = f"/registry/licences/exits/{LicenceExit.objects.get().pk}"
    act(bureau, path, "order", text="责令停止经营", evidence=scan())
    assert act(bureau, path, "resume", text="已取得新证").status_code == 409
    enter(own, file, valid_to=today + timedelta(days=1000))
    newer = Licence.objects.get(replaced_by__isnull=True)
    assert act(bureau, path, "resume", text="已取得新证").status_code == 409
    page = f"/registry/licences/{newer.pk}"
    assert act(own, page, "verify", version=newer.version, remark="").status_code in (403, 422)
    assert act(bureau, page, "verify", version=newer.version, remark="与原件一致").status_code == 303
    assert act(bureau, path, "resume", text="已取得新证").status_code == 303
    file.refresh_from_db()
    assert file.life == "operating"


def test_a_suspension_counts_until_it_is_lifted_and_a_revocation_stands(
    district: District, own: Client, file: Enterprise
) -> None:
    enter(own, file)
    licence, bureau = Licence.objects.get(), client_of(district.department)
    path, today = f"/registry/licences/{licence.pk}", timezone.localdate()
    act(bureau, path, "decide", decision="suspended", decided_date=today, reason="示应急扣字001")
    assert "危险化学品经营许可证已被暂扣" in page_of(own, file)
    act(bureau, path, "decide", decision="lift", decided_date=today, reason="已整改")
    assert "已被暂扣" not in page_of(own, file)
    act(bureau, path, "decide", decision="revoked", decided_date=today, reason="示应急吊字001")
    licence.refresh_from_db()
    assert licence.decision == "revoked"
    answer = act(bureau, path, "decide", decision="lift", decided_date=today, reason="恢复")
    assert answer.status_code == 422
    assert "危险化学品经营许可证已被吊销" in page_of(own, file)


def test_a_district_sets_its_own_reminders_and_the_lead_days_follow(
    district: District, own: Client, file: Enterprise
) -> None:
    enter(own, file)
    office = client_of(district.officer)
    assert own.get("/registry/licences/rules").status_code == 403
    answer = office.post("/registry/licences/rules/OPERATING", {"warn_days": "90，30、7", "renewal_days": 60})
    assert answer.status_code == 303, faults(answer)
    licence = Licence.objects.get()
    assert licence.renew_date == licence.valid_to - timedelta(days=60)  # type: ignore[operator]
    assert "90 · 30 · 7" in office.get("/registry/licences/rules").content.decode()
    wrong = office.post("/registry/licences/rules/OPERATING", {"warn_days": "abc", "renewal_days": 60})
    assert wrong.status_code == 422


def test_others_see_neither_licence_nor_its_place_in_the_calendar(
    district: District, own: Client, file: Enterprise
) -> None:
    enter(own, file, valid_to=timezone.localdate() + timedelta(days=20))
    licence = Licence.objects.get()
    for actor in (district.other_enterprise, district.other_town):
        client = client_of(actor)
        assert client.get(f"/registry/licences/{licence.pk}").status_code == 404
        assert "示例经字001" not in client.get("/registry/licences").content.decode()
        assert "示例经字001" not in client.get("/registry/licences/calendar").content.decode()
    assert "示例经字001" in client_of(district.town).get("/registry/licences/calendar").content.decode()


def test_two_key_points_and_one_major_follow_from_the_rows(district: District, own: Client, file: Enterprise) -> None:
    actor = house_actor()
    assert not two_key_one_major(file).holds
    unit = make_unit(actor, file)
    # Looked at, and none runs: that is kept as it was said.
    make_facility(actor, unit, code="R-0", kind="reactor", processes=["none"])
    assert not two_key_one_major(file).holds
    make_holding(actor, make_facility(actor, unit, processes=["P04"]), "氯", design_t="65", present_t="60")
    found = two_key_one_major(file)
    assert (found.chemicals, found.processes, found.hazards, found.grade) == (("氯",), ("P04",), 1, 1)
    page = page_of(own, file)
    assert "重点监管危险化学品" in page
    assert "重点监管工艺 P04" in page


def test_a_program_enters_a_licence_and_reads_the_matrix(district: District, own: Client, file: Enterprise) -> None:
    base = f"/api/v1/registry/enterprises/{file.pk}"
    body = {
        "kind": "OPERATING", "number": "示例经字009", "valid_to": "2099-01-01",
        "items": [{"chemical": "7782-50-5", "permitted_t": "5"}],
    }  # fmt: skip
    made = own.post(f"{base}/licences", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    assert made.json()["state"] == "valid"
    assert made.json()["items"][0]["chemical"] == "氯"
    wrong = own.post(f"{base}/licences", {**body, "items": [{"chemical": "没有"}]}, content_type="application/json")
    assert wrong.status_code == 422
    listed = client_of(district.department).get("/api/v1/registry/licences?state=valid&kind=OPERATING").json()
    assert [one["number"] for one in listed["items"]] == ["示例经字009"]
    rows = {one["kind"]: one for one in own.get(f"{base}/licence-matrix").json()}
    assert (rows["OPERATING"]["is_gap"], rows["BUSINESS"]["state"]) == (False, "missing")
    holder = own.post(
        f"{base}/posts", {"post": "DEPUTY_SAFETY", "name": "示例人员"}, content_type="application/json"
    )
    assert holder.status_code == 201, holder.json()
    found = {one["post"]: one for one in own.get(f"{base}/posts").json()}
    assert found["DEPUTY_SAFETY"]["lacking"] == 0
    assert found["DEPUTY_PROCESS"]["is_gap"]

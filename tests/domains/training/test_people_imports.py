"""Certificates and people from outside from sheets: known by person and number, numbers sealed, taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.training.factories import identity, make_certificate, make_person
from tests.domains.training.outside_scene import code as credit_code
from tests.factories import District, client_of
from tests.kernel.exchange.importing import book, checked, imported, reasons, undo, upload

from quancheng.domains.training.models import Person, PersonQualification, SiteEntry
from quancheng.domains.training.services.qualifications import verify_qualification
from quancheng.kernel.exchange.models import ImportRun
from quancheng.kernel.vault import services as vault

CARDS, OUTSIDERS = "training.own_certificates", "training.own_outsiders"
WELDER = "焊工（熔化焊接与热切割）"
CARD_HEAD = (
    "工号（胸卡号）", "姓名", "证书种类", "证书编号", "证面限定", "发证机关", "发证日期", "有效期起", "有效期止",
    "应复审日期",
)  # fmt: skip
OUT_HEAD = ("工号（胸卡号）", "姓名", "身份证号码", "联系电话", "用工类型", "用人单位", "用人单位统一社会信用代码",
            "作业区域", "工种（岗位角色）", "准入范围", "学历")  # fmt: skip


def day(number: int) -> date:
    return timezone.localdate() - timedelta(days=number)


def card(**given: Any) -> tuple[Any, ...]:
    told = {
        "staff_no": "A1", "name": "某甲", "kind": "叉车司机", "number": "示叉0001", "limited": None,
        "issuer": "示例市市场监督管理局", "issued": day(400), "first": day(400), "last": day(400 - 1400),
        "recheck": None,
    }  # fmt: skip
    return tuple({**told, **given}.values())


def outsider(order: int = 1, **given: Any) -> tuple[Any, ...]:
    told = {
        "staff_no": f"W{order}", "name": f"外来{order}", "number": identity(order), "phone": "0005550100",
        "employment": "承包商人员", "employer": "示例检修有限公司", "code": credit_code(1), "area": "罐区", "trade": "",
        "zones": "一号门至罐区", "education": "大专",
    }  # fmt: skip
    return tuple({**told, **given}.values())


def test_certificates_come_in_unverified_with_sealed_numbers_and_go_again(district: District, own: Client) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    sheet = book(CARD_HEAD, card(), card(kind="1.2", number=f"T{identity(1)}", last=day(400 - 2100)))
    run = imported(own, CARDS, sheet)
    rows = {one.kind.code: one for one in PersonQualification.objects.filter(person=person).select_related("kind")}
    assert set(rows) == {"SE-N1", "SO-1-02"}
    assert all(one.verified_at is None and "示叉" not in one.number for one in rows.values())
    assert rows["SE-N1"].number_index == vault.blind_index("certificate_no", "示叉0001")
    assert rows["SO-1-02"].recheck_due is not None, "as the catalogue has it"
    page = own.get(f"/exchange/imports/{run.pk}").content.decode()
    for kept in (str(ImportRun.objects.get(pk=run.pk).__dict__), page):
        assert "示叉0001" not in kept
        assert identity(1) not in kept
    again = checked(own, CARDS, sheet)
    assert (again.errors, again.counts["unchanged"]) == ([], 2)
    assert undo(own, run).status_code == 303
    assert not PersonQualification.objects.filter(person=person).exists()


def test_each_wrong_cell_of_a_certificate_is_named_and_what_stands_is_not_changed(
    district: District, own: Client
) -> None:
    make_person(district, staff_no="A1", name="某甲")
    make_person(district, order=2, staff_no="A2", name="某乙")
    imported(own, CARDS, book(CARD_HEAD, card()))
    sheet = book(
        CARD_HEAD,
        card(number="示叉0002"),  # 2: stands with another number
        card(staff_no="X9", number="3"),  # 3: nobody
        card(staff_no="A2", name="某丙", number="4", first=day(300)),  # 4: another name
        card(staff_no="A2", name="某乙", number="示叉0001", first=day(200)),  # 5: another person's card
        card(kind="SO-1-01", number=f"T{identity(2)}", last=day(400 - 2100)),  # 6: made of another's identity
        card(kind="SE-P", number="7", last=day(400 - 3000)),  # 7: too long
        card(kind="没有的证", number="8"),  # 8
        card(kind="SE-T", number="9", issued=day(-3)),  # 9: not yet
    )
    run = checked(own, CARDS, sheet)
    assert {cell for cell, _code in reasons(run)} >= {"D2", "A3", "B4", "D5", "D6", "I7", "C8", "G9"}
    assert PersonQualification.objects.count() == 1
    for client in (client_of(district.department), client_of(district.town)):
        assert upload(client, CARDS, book(CARD_HEAD, card())).status_code == 403


def test_a_sheet_brings_no_revoked_certificate_back_and_asks_for_whole_numbers(district: District, own: Client) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    sheet = book(CARD_HEAD, card())
    imported(own, CARDS, sheet)
    PersonQualification.objects.filter(person=person).update(revoked_date=day(-1), revoked_reason="吊销")
    run = checked(own, CARDS, sheet)
    assert {cell for cell, _code in reasons(run)} == {"D2"}
    assert "已注销或换证" in str(run.errors)
    masked = checked(own, CARDS, book(CARD_HEAD, card(number="示叉****01", first=day(300))))
    assert {cell for cell, _code in reasons(masked)} == {"D2"}
    assert PersonQualification.objects.filter(person=person).count() == 1


def test_a_verified_certificate_is_not_taken_back_by_an_undo(district: District, own: Client) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    run = imported(own, CARDS, book(CARD_HEAD, card()))
    row = PersonQualification.objects.get(person=person)
    verify_qualification(actor=district.department, row=row, version=row.version, source="card", snapshot="",
                         now=timezone.now())  # fmt: skip
    assert undo(own, run).status_code in (409, 422)
    assert PersonQualification.objects.filter(pk=row.pk).exists()
    assert make_certificate(district, person, "SO-2-01").pk != row.pk


def test_people_from_outside_come_in_with_file_and_purpose_and_go_again(district: District, own: Client) -> None:
    there = make_person(district, order=9, staff_no="W9", name="外来9", employment="contractor",
                        employer_name="示例检修有限公司")  # fmt: skip
    sheet = book(OUT_HEAD, outsider(1), outsider(2, trade=WELDER, area="泵区"), outsider(9, education=""))
    run = imported(own, OUTSIDERS, sheet)
    entries = {one.person.staff_no: one for one in SiteEntry.objects.select_related("person", "trade")}
    assert {number: (one.work_area, one.trade.code if one.trade else None) for number, one in entries.items()} == {
        "W1": ("罐区", None), "W2": ("泵区", "welder"), "W9": ("罐区", None)
    }  # fmt: skip
    assert entries["W1"].person.id_index == vault.blind_index(vault.RESIDENT_ID, identity(1))
    assert identity(1) not in str(ImportRun.objects.get(pk=run.pk).__dict__)
    assert "外来1" in own.get("/training/entries").content.decode()
    again = checked(own, OUTSIDERS, sheet)
    assert (again.errors, again.counts["unchanged"]) == ([], 3)
    imported(own, OUTSIDERS, book(OUT_HEAD, outsider(2, trade=WELDER, area="装置区")))
    assert SiteEntry.objects.get(person__staff_no="W2").work_area == "装置区"
    undone = ImportRun.objects.exclude(pk=run.pk).filter(state="committed").order_by("-pk").first()
    assert undone is not None
    assert undo(own, undone).status_code == 303
    assert SiteEntry.objects.get(person__staff_no="W2").work_area == "泵区"
    assert undo(own, run).status_code == 303
    assert set(Person.objects.values_list("staff_no", flat=True)) == {"W9"}
    assert not SiteEntry.objects.filter(person=there).exists()


def test_each_wrong_cell_of_somebody_from_outside_is_named(district: District, own: Client) -> None:
    make_person(district, order=5, staff_no="W5", name="职工5")
    sheet = book(
        OUT_HEAD,
        outsider(1, number="990102198805120011"),  # 2: the check character is wrong
        outsider(2, employment="本单位职工"),  # 3: own staff
        outsider(3, area=""),  # 4: for what?
        outsider(4, employer=""),  # 5: who sends him?
        outsider(5),  # 6: the badge is of own staff
    )
    run = checked(own, OUTSIDERS, sheet)
    assert {cell for cell, _code in reasons(run)} >= {"C2", "E3", "H4", "F5", "A6"}
    assert Person.objects.count() == 1
    assert upload(client_of(district.department), OUTSIDERS, book(OUT_HEAD, outsider(1))).status_code == 403


def test_two_cards_of_one_kind_and_day_that_are_limited_to_other_things_come_in_by_one_sheet(
    district: District, own: Client
) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    sheet = book(CARD_HEAD, card(limited="限桥式"), card(limited="限门式", number="示叉0002"))
    imported(own, CARDS, sheet)
    rows = PersonQualification.objects.filter(person=person).order_by("limited_to")
    assert {one.limited_to for one in rows} == {"限桥式", "限门式"}
    again = checked(own, CARDS, sheet)
    assert (again.counts["new"], again.counts["unchanged"]) == (0, 2)


def test_a_card_that_stands_under_another_limit_is_named_at_the_cell_of_the_limit(
    district: District, own: Client
) -> None:
    make_person(district, staff_no="A1", name="某甲")
    imported(own, CARDS, book(CARD_HEAD, card(limited="限桥式")))
    for limited in ("限门式", None):
        run = checked(own, CARDS, book(CARD_HEAD, card(limited=limited)))
        assert [cell for cell, _code in reasons(run)] == ["E2"], limited
    told = own.get(reverse("exchange:import_run", args=[run.pk])).content.decode()
    assert "证面限定为“限桥式”" in told
    assert PersonQualification.objects.count() == 1


def test_a_new_card_of_the_kind_and_day_of_a_revoked_one_comes_in(district: District, own: Client) -> None:
    person = make_person(district, staff_no="A1", name="某甲")
    imported(own, CARDS, book(CARD_HEAD, card()))
    PersonQualification.objects.filter(person=person).update(revoked_date=day(-1), revoked_reason="补发")
    imported(own, CARDS, book(CARD_HEAD, card(number="示叉0009")))
    standing = PersonQualification.objects.get(person=person, revoked_date__isnull=True)
    assert standing.number_index == vault.blind_index("certificate_no", "示叉0009")

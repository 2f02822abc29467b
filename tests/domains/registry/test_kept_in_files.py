"""What lists and the map ask of all files stands in the file and follows, whoever writes the name or the address."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from tests.domains.registry.factories import CODES, make_file
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def found(client: Client, words: str) -> bool:
    return "示例储运" in client.get("/registry/enterprises", {"q": words}).content.decode()


def test_a_word_of_name_code_or_address_finds_a_file_and_follows_each(district: District) -> None:
    file = make_file(district.department, area=district.street_area, address="甲街道港前路12号")
    client = client_of(district.department)
    for words in ("示例储运", "储运", CODES[0][4:12], CODES[0].lower(), "港前路12", "储运 港前"):
        assert found(client, words), words
    # No word reaches from the name into the address.
    assert not found(client, "公司甲街道")
    assert not found(client, "港后路")
    Enterprise.objects.filter(pk=file.pk).update(address="乙街道港后路3号")
    assert found(client, "港后路")
    assert not found(client, "港前路")
    Organisation.objects.filter(pk=file.pk).update(short_name="ABC 储运")
    assert found(client, "abc")
    Organisation.objects.filter(pk=file.pk).update(name="示例储运第二公司", pinyin="zzz")
    assert found(client, "第二公司")
    file.refresh_from_db()
    assert file.pinyin == "zzz"
    # What a row read earlier says of it counts for nothing.
    Enterprise.objects.filter(pk=file.pk).update(words="x", pinyin="x")
    file.refresh_from_db()
    assert (file.pinyin, file.words.splitlines()[0]) == ("zzz", "示例储运第二公司")


def test_the_register_is_by_name_on_every_page_and_downwards(district: District) -> None:
    for number, name in enumerate(("丙示例公司", "甲示例公司", "乙示例公司")):
        make_file(district.department, area=district.street_area, name=name, kind="unlicensed", code="")
        Organisation.objects.filter(name=name).update(pinyin="cab"[number])
    client = client_of(district.department)

    def order(query: str) -> list[str]:
        page = client.get(f"/registry/enterprises{query}").content.decode()
        return sorted(("甲", "乙", "丙"), key=lambda one: page.index(f"{one}示例公司"))

    assert order("") == ["甲", "乙", "丙"]
    assert order("?sort=name") == ["甲", "乙", "丙"]
    assert order("?sort=-name") == ["丙", "乙", "甲"]
    assert order("?kind=unlicensed") == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("lon", "x"),
    [("122.601000", 12260100), ("122.600004", 12260000), ("122.600006", 12260001), ("-0.000010", -1)],
)
def test_the_map_has_the_point_in_whole_hundred_thousandths_of_a_degree(district: District, lon: str, x: int) -> None:
    file = make_file(district.department, area=district.street_area)
    assert (file.x, file.y) == (None, None)
    Enterprise.objects.filter(pk=file.pk).update(lon=Decimal(lon), lat=Decimal("35.5"))
    file.refresh_from_db()
    assert (file.x, file.y) == (x, 3550000)

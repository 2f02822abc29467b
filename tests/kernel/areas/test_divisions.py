"""Divisions from the country's tables or a table handed in: entered once, renamed with memory, never deleted."""

from __future__ import annotations

import subprocess
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.factories import NOW, house_actor, make_area, make_district

from quancheng.kernel.areas import fetching, queries, services
from quancheng.kernel.areas.divisions import Division, DivisionFolder, full_names, read_divisions
from quancheng.kernel.areas.importing import ImportResult, import_divisions
from quancheng.kernel.areas.models import Area, AreaAlias
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry

TABLES = {
    "provinces": "code,name\n98,示例市\n99,样例省\n",
    "cities": "code,name,provinceCode\n9801,市辖区,98\n9901,样例市,99\n9902,单列市,99\n",
    "areas": "code,name,cityCode,provinceCode\n980101,示例区,9801,98\n980102,邻居区,9801,98\n"
    "990101,山前县,9901,99\n990200,单列市,9902,99\n",
    "streets": "code,name,areaCode,provinceCode,cityCode\n"
    "980101001,甲街道,980101,98,9801\n980101100,乙镇,980101,98,9801\n"
    "980101401,示例化工园区,980101,98,9801\n980102001,丙街道,980102,98,9801\n990200001,丁街道,990200,99,9902\n",
    "villages": "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    "980101001001,沿江社区居委会,980101001,98,9801,980101\n980101100200,王家村村委会,980101100,98,9801,980101\n"
    "980101100201,上坪居民委员会,980101100,98,9801,980101\n",
}


@pytest.fixture
def country(tmp_path: Path) -> DivisionFolder:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return DivisionFolder(tmp_path)


def enter(country: DivisionFolder, code: str = "980101") -> ImportResult:
    return import_divisions(
        actor=house_actor(), district_code=code, divisions=country.under(code), source="test tables", now=NOW
    )


def test_a_district_is_found_by_name_code_and_initials(country: DivisionFolder) -> None:
    assert [one.full_name for one in country.districts("示例")] == ["示例市示例区", "示例市邻居区"]
    assert [one.code for one in country.districts("sqx")] == ["990101"]
    assert [one.code for one in country.districts("9801")] == ["980101", "980102"]
    assert [one.full_name for one in country.districts("单列市")] == ["样例省单列市"]
    assert country.districts("没有") == []


@pytest.mark.django_db
def test_a_district_is_entered_with_ancestors_streets_villages_and_zones(country: DivisionFolder) -> None:
    result = enter(country)
    assert (result.created, result.unchanged, result.missing) == (8, 0, [])
    assert result.home.full_name == "示例市示例区"
    assert queries.home() == result.home
    village = Area.objects.get(code="980101100200")
    assert village.full_name == "示例市示例区乙镇王家村村委会"
    assert village.path.startswith(Area.objects.get(code="980101100").path)
    assert village.path.count("/") == 5
    assert Area.objects.get(code="980101401").level == "zone"
    assert queries.find_area("王家村") == village
    assert queries.find_area("上坪社区") == Area.objects.get(code="980101100201")
    assert [area.name for area in queries.find_areas("jjd")] == ["甲街道"]
    assert JournalEntry.objects.get(act="areas.divisions.import").facts["created"] == 8


@pytest.mark.django_db
def test_entering_again_changes_nothing_and_a_new_name_keeps_the_old_one(country: DivisionFolder) -> None:
    enter(country)
    before = list(Area.objects.order_by("pk").values())
    again = enter(country)
    assert (again.created, again.unchanged, again.renamed) == (0, 8, [])
    assert list(Area.objects.order_by("pk").values()) == before
    streets = country.folder / "streets.csv"
    text = (
        streets.read_text(encoding="utf-8")
        .replace("乙镇", "新乙镇")
        .replace("980101401,示例化工园区,980101,98,9801\n", "")
    )
    streets.write_text(text + "980101002,戊街道,980101,98,9801\n", encoding="utf-8")
    changed = enter(country)
    assert (changed.created, changed.renamed) == (1, [("乙镇", "新乙镇")])
    assert [area.name for area in changed.missing] == ["示例化工园区"]
    assert Area.objects.filter(name="示例化工园区", valid_to__isnull=True).exists()
    town = queries.find_area("乙镇")
    assert town is not None
    assert town.name == "新乙镇"
    assert AreaAlias.objects.get(area=town).kind == "historical"
    assert Area.objects.get(code="980101100200").full_name == "示例市示例区新乙镇王家村村委会"


@pytest.mark.django_db
def test_a_house_stays_with_its_district(country: DivisionFolder) -> None:
    enter(country)
    with pytest.raises(Conflict):
        enter(country, "980102")
    with pytest.raises(Invalid):
        enter(country, "123456")
    with pytest.raises(NotPermitted):
        import_divisions(actor=make_district_less_actor(), district_code="980101", divisions=[], source="", now=NOW)
    assert not Area.objects.filter(code="980102").exists()


def make_district_less_actor() -> Any:
    from tests.factories import make_actor, make_org

    return make_actor(make_org(kind="office"), "office.officer")


@pytest.mark.django_db
def test_a_merged_street_is_found_under_its_old_name_and_keeps_its_rows(country: DivisionFolder) -> None:
    enter(country)
    old, new = Area.objects.get(code="980101001"), Area.objects.get(code="980101100")
    told = {"actor": house_actor(), "on": date(2026, 9, 1), "into": new, "now": NOW}
    with pytest.raises(Conflict):
        services.retire_area(area=old, **told)  # type: ignore[arg-type]
    services.retire_area(area=Area.objects.get(code="980101001001"), **told)  # type: ignore[arg-type]
    services.retire_area(area=old, **told)  # type: ignore[arg-type]
    assert queries.find_area("甲街道") == new
    assert queries.find_area("沿江社区") == new
    assert Area.objects.get(pk=old.pk).valid_to == date(2026, 9, 1)
    assert old not in queries.list_below(queries.home())  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_name_counts_before_an_alias_and_two_of_a_name_are_not_guessed() -> None:
    district = make_district()
    services.add_alias(actor=house_actor(), area=district.street_area, name="江边", now=NOW)
    assert queries.find_area("江边") == district.street_area
    services.add_alias(actor=house_actor(), area=district.other_street_area, name="江边", now=NOW)
    assert queries.find_area("江边") is None
    assert queries.find_area("江边", under=district.street_area) == district.street_area
    named = make_area("江边", level="village", parent=district.street_area)
    assert queries.find_area("江边") == named
    assert queries.find_area(" ") is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_handed_in_is_read_in_either_encoding(encoding: str) -> None:
    text = "代码,名称,备注\n980101000000,示例区,\n980101001000,甲街道,x\n980101001001,沿江社区居委会,\n\n"
    found = read_divisions(text.encode(encoding), district_code="980101")
    assert found == [
        Division("980101", "示例区"), Division("980101001", "甲街道"), Division("980101001001", "沿江社区居委会"),
    ]  # fmt: skip
    assert full_names(found)["980101001001"] == "示例区甲街道沿江社区居委会"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("98010,短\n", "第1行"),
        ("980101001,甲街道\n980101001,又甲街道\n", "第2行"),
        ("980102001,邻居街道\n", "第1行"),
        ("980101001,\n", "第1行"),
        ("980101009001,孤儿社区\n", "980101009001"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_by_line(rows: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_divisions(rows.encode(), district_code="980101")
    assert list(caught.value.fields) == [told]


@pytest.mark.parametrize("content", [b"", "代码,名称\n".encode(), b"\xff\xfe\xff\xff\xff"])
def test_a_table_without_divisions_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_divisions(content, district_code="980101")


# --- fetching ------------------------------------------------------------------------------------------------------


def client(monkeypatch: pytest.MonkeyPatch, country: DivisionFolder, *, tables: list[str], code: int = 0) -> list[Any]:
    """The registry's client as a function: packs the tables, or fails."""
    calls = []

    def run(command: list[str], **how: Any) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        if code == 0:
            with tarfile.open(Path(how["cwd"]) / "china-division.tgz", "w:gz") as tar:
                for name in tables:
                    tar.add(country.folder / f"{name}.csv", f"package/dist/{name}.csv")
                tar.add(country.folder / "areas.csv", "package/../../escape.csv")
        return subprocess.CompletedProcess(command, code, b"", b"network is unreachable")

    monkeypatch.setattr(fetching.subprocess, "run", run)
    return calls


@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var"


def test_the_tables_are_fetched_once_and_nothing_else_is_kept(
    country: DivisionFolder, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(fetching.NotFetched):
        fetching.fetched()
    calls = client(monkeypatch, country, tables=[*TABLES])
    assert [one.code for one in fetching.fetch().districts("示例区")] == ["980101"]
    assert fetching.fetch().is_whole
    assert fetching.fetched().is_whole
    assert len(calls) == 1
    kept = [path.name for path in var.rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(f"{name}.csv" for name in TABLES)


@pytest.mark.parametrize(("tables", "code"), [([*TABLES], 1), (["areas"], 0)])
def test_an_unreachable_registry_is_told_with_the_other_ways_and_leaves_nothing_half_done(
    country: DivisionFolder, var: Path, monkeypatch: pytest.MonkeyPatch, tables: list[str], code: int
) -> None:
    client(monkeypatch, country, tables=tables, code=code)
    with pytest.raises(fetching.SourceUnreachable) as caught:
        fetching.fetch()
    assert caught.value.status == 503
    assert "CSV" in str(caught.value)
    assert not [path for path in var.rglob("*") if path.is_file()]

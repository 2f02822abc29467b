"""Distances of users and plants to planning zones and sensitive places: measured, judged, coordinated, settled."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.registry.factories import make_unit
from tests.domains.risk.layout_scene import LAT, block, lon, make_site, make_zone, planner
from tests.factories import NOW, District, client_of, house_actor, make_actor, make_district, make_file, make_org

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.places import enter_place
from quancheng.domains.risk import jobs
from quancheng.domains.risk.models import DistanceRule, ExternalDistance, LayoutCase, LayoutCheck, PlanningZone
from quancheng.domains.risk.queries import layout as queries
from quancheng.domains.risk.services import layout_cases as cases
from quancheng.domains.risk.services import layout_checks
from quancheng.domains.risk.services.layout import set_distance, tell_distance
from quancheng.domains.risk.services.layout_checks import check_all, check_files
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.events.models import Delivery, Event
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
DAY = NOW.date()
SHORT, BELOW, UNKNOWN, MEETS = 1, 2, 3, 4


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    times = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: times[-1])
    return times


def report(file: Enterprise, **changed: Any) -> ExternalDistance:
    known = {
        "way": "risk", "first_m": 300, "report": "示例评估报告", "report_no": "WB-1", "report_date": DAY,
        "institute": "示例安全技术公司", **changed,
    }  # fmt: skip
    return tell_distance(actor=house_actor(), file=file, known=known, evidence=[], now=NOW)


def found(file: Enterprise) -> LayoutCheck:
    check_files(ids=[file.pk], now=NOW)
    return LayoutCheck.objects.get(file=file)


@pytest.mark.clause("S3-4.2a")
def test_users_lie_on_the_map_with_zones_distances_are_checked_and_a_conflict_is_coordinated_until_it_is_settled(
    district: District,
) -> None:
    hub = planner(district)
    user = make_site(district)
    store = make_site(district, "示例仓库", kind="depot", plot=block(0, 100, 90))
    zone = make_zone(hub, polygon=block(150, 400))
    jobs.layout_all()
    office, desk = client_of(district.officer), client_of(hub)
    # The map: points of those asked for by link, and zones with their population.
    data = reverse("risk:layout_map_data")
    drawn = office.get(data, {"link": "use"}).json()
    assert len(drawn["points"]) == 4
    assert [one[0] for one in drawn["zones"]] == ["residential"]
    assert drawn["zones"][0][4] == ["居住", "白天300人，夜间900人", "示例片区详细规划 示规〔2026〕1号"]
    assert len(office.get(data).json()["points"]) == 8
    page = office.get(reverse("risk:layout_map")).content.decode()
    assert 'data-map-layer="zone-residential"' in page
    assert user.enterprise.name in page
    # 50 m apart: nothing meets by a default; the user is a conflict besides, the store is none.
    checks = {one.file_id: one for one in LayoutCheck.objects.all()}
    assert [(checks[one.pk].metres, checks[one.pk].verdict) for one in (user, store)] == [(50, BELOW), (50, BELOW)]
    assert [checks[one.pk].is_conflict for one in (user, store)] == [True, False]
    listed = office.get(reverse("risk:layout_checks"), {"conflict": "1"}).content.decode()
    assert user.enterprise.name in listed
    assert store.enterprise.name not in listed
    sheet = office.get(reverse("risk:layout_checks"), {"export": "xlsx"})
    assert sheet.status_code == 200
    assert "spreadsheet" in sheet["Content-Type"]
    # It is taken up for the housing department, which coordinates and settles it with a document.
    check = reverse("risk:layout_check", args=[checks[user.pk].pk])
    assert "筛查值" in office.get(check).content.decode()
    opened = office.post(check, {"act": "open", "grounds": "距居住片区50米", "org": hub.organisation_id})
    assert opened.status_code == 303
    case = LayoutCase.objects.get()
    assert (case.status, case.owner_org_id, case.metres) == ("FOUND", hub.organisation_id, 50)
    assert WorkItem.objects.open().filter(subject_id=case.pk, owner_org=hub.organisation_id).exists()
    address = reverse("risk:layout_case", args=[case.pk])
    term = (DAY + timedelta(days=20)).isoformat()
    said = {"act": "coordinate", "text": "已会商", "due": term}
    assert office.post(address, said).status_code in (403, 422)
    assert desk.post(address, said).status_code == 303
    settle = {"act": "settle", "outcome": "rezoned", "text": "调整为仓储用地"}
    bare = desk.post(address, settle)
    assert bare.status_code == 422
    assert "请填写文件名称和编号" in bare.content.decode()
    settle |= {"document": "示规〔2026〕9号", "document_date": DAY.isoformat()}
    early = desk.post(address, settle)
    assert early.status_code == 409
    assert "请先更新企业坐标、边界或规划分区" in early.content.decode()
    make_zone(hub, polygon=block(150, 400), kind="warehouse", code=zone.code)
    jobs.layout_all()
    assert desk.post(address, settle).status_code == 303
    case.refresh_from_db()
    assert (case.status, case.outcome, case.document_date) == ("SETTLED", "rezoned", DAY)
    assert not LayoutCheck.objects.filter(is_conflict=True).exists()


def test_a_distance_is_met_by_a_report_alone_and_what_is_missing_is_said(district: District) -> None:
    hub = planner(district)
    file = make_site(district)
    make_zone(hub, polygon=block(500, 900))
    check = found(file)
    assert (check.metres, check.required_m, check.verdict, check.missing) == (400, 100, UNKNOWN, ["report"])
    report(file, first_m=400)
    check = LayoutCheck.objects.get()
    assert (check.required_m, check.verdict, check.missing) == (400, MEETS, [])
    report(file, first_m=401)
    assert LayoutCheck.objects.get().verdict == SHORT
    # An older report of the same plant does not count, one for another class only says that it lacks this one.
    report(file, first_m=10, report_date=DAY - timedelta(days=1))
    assert LayoutCheck.objects.get().required_m == 401
    report(file, first_m=None, third_m=50)
    check = LayoutCheck.objects.get()
    assert (check.required_m, check.verdict, check.missing) == (100, UNKNOWN, ["class"])


def test_a_point_for_a_boundary_meets_nothing_and_a_boundary_for_a_unit_misses_nothing(district: District) -> None:
    hub = planner(district)
    make_zone(hub, polygon=block(500, 900))
    bare = make_site(district, "示例单点企业", plot=False)
    report(bare, first_m=300)
    check = LayoutCheck.objects.get(file=bare)
    assert (check.metres, check.verdict, check.missing) == (400, UNKNOWN, ["boundary"])
    report(bare, first_m=500)
    assert LayoutCheck.objects.get(file=bare).verdict == SHORT
    plant = make_site(district, "示例工厂", kind="depot", plot=block(0, 100, 90))
    unit = make_unit(house_actor(), plant)
    report(plant, first_m=450, unit=unit)
    check = LayoutCheck.objects.get(file=plant)
    assert (check.verdict, check.missing) == (UNKNOWN, ["start"])
    at = {"lon": Decimal(str(lon(20))), "lat": LAT}
    report(plant, first_m=450, unit=unit, **at)
    check = LayoutCheck.objects.get(file=plant)
    assert (check.metres, check.verdict) == (480, MEETS)
    report(plant, first_m=490, unit=unit, **at)
    assert LayoutCheck.objects.get(file=plant).verdict == SHORT


def test_sensitive_places_of_the_registry_are_targets_by_how_many_are_there(district: District) -> None:
    file = make_site(district, kind="depot")
    known = {
        "kind": "housing", "name": "示例小区", "area": district.street_area, "address": "", "lat": LAT,
        "lon": Decimal(str(lon(250))), "boundary": None, "population": None, "source": "统计", "source_date": DAY,
    }  # fmt: skip
    place = enter_place(actor=district.officer, known=known, now=NOW)
    check = found(file)
    assert (check.place_id, check.metres, check.target, check.verdict) == (place.pk, 150, "first", BELOW)
    assert check.missing == ["people", "edge", "report"]
    for people, target, verdict in ((99, "second", UNKNOWN), (29, "third", UNKNOWN), (100, "first", BELOW)):
        type(place).objects.filter(pk=place.pk).update(population=people)
        check = found(file)
        assert (check.target, check.verdict, "people" in check.missing) == (target, verdict, False), people


def test_distances_from_explosives_follow_from_the_tnt_and_are_never_typed(district: District) -> None:
    file = make_site(district, kind="depot")
    own = client_of(district.officer)
    address = reverse("risk:external_distance_new", args=[file.pk])
    sent = {
        "report": "示例爆炸品评估", "report_date": DAY.isoformat(), "institute": "示例公司", "way": "explosive",
        "tnt_kg": "1000", "first_m": "1",
    }  # fmt: skip
    bad = own.post(address, {**sent, "tnt_kg": ""})
    assert bad.status_code == 422
    assert own.post(address, sent).status_code == 303
    row = ExternalDistance.objects.get()
    assert (row.first_m, row.second_m, row.third_m) == (589, 258, 159)
    page = own.get(reverse("risk:external_distance", args=[row.pk])).content.decode()
    assert "589" in page
    assert client_of(district.enterprise).get(address).status_code == 404
    with pytest.raises(Invalid) as refused:
        tell_distance(actor=house_actor(), file=file, known={"way": "risk", "lon": Decimal(1)}, evidence=[], now=NOW)
    assert set(refused.value.fields) == {"report", "institute", "report_date", "first_m", "lon"}


def test_a_required_distance_counts_from_its_day_on_and_can_be_taken_out(district: District) -> None:
    hub = planner(district)
    file = make_site(district)
    make_zone(hub, polygon=block(500, 900))
    head = make_actor(district.department_org, "department.head")
    client = client_of(head)
    sent = {
        "source": "user", "target": "first", "metres": "450", "basis": "示例区规定", "mark": "G",
        "from_date": DAY.isoformat(),
    }  # fmt: skip
    new = reverse("risk:distance_rule_new")
    assert client.post(new, {**sent, "from_date": (DAY - timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post(new, {**sent, "target": "zone"}).status_code == 422
    assert client.post(new, sent).status_code == 303
    check = found(file)
    assert (check.required_m, check.verdict, check.rule is not None) == (450, BELOW, True)
    assert "示例区规定" in client_of(hub).get(reverse("risk:layout_check", args=[check.pk])).content.decode()
    assert "示例区规定" in client_of(hub).get(reverse("risk:distance_rules")).content.decode()
    common: dict[str, Any] = {
        "actor": head, "source": "user", "target": "first", "basis": "撤销", "mark": "D", "now": NOW,
    }  # fmt: skip
    set_distance(**common, metres=None, from_date=DAY)
    check = found(file)
    assert (check.required_m, check.verdict, check.missing) == (None, UNKNOWN, ["report", "rule"])
    with pytest.raises(NotPermitted):
        set_distance(**{**common, "actor": hub}, metres=5, from_date=DAY)


def test_checks_follow_what_changes_and_only_what_changed_is_written(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    hub = planner(district)
    file = make_site(district)
    zone = make_zone(hub, polygon=block(500, 900))
    assert (check_all(now=NOW), check_all(now=NOW)) == (1, 0)
    # A zone and a file are heard of by events, a sensitive place at once.
    assert set(Delivery.objects.filter(subscriber__startswith="risk.layout").values_list("subscriber", flat=True)) == {
        "risk.layout.0", "risk.layout.site0",
    }  # fmt: skip
    known = {
        "kind": "water", "name": "示例水源", "area": district.street_area, "address": "", "lat": LAT, "lon": Decimal(3),
        "boundary": None, "population": None, "source": "统计", "source_date": DAY,
    }  # fmt: skip
    counting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'risk.layout_all'"
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        enter_place(actor=district.officer, known=known, now=NOW)
    with connection.cursor() as cursor:
        # Not before it stands: the lock on the queue would hold up whoever writes another place.
        assert cursor.execute(counting).fetchone() == (0,)
        for call in waiting:
            call()
        assert cursor.execute(counting).fetchone() == (1,)
    # Nearer than before, then gone out of reach, then the enterprise closes.
    make_zone(hub, polygon=block(300, 900), code=zone.code, name="扩大的片区")
    assert check_all(now=NOW) == 1
    assert LayoutCheck.objects.get().metres == 200
    make_zone(hub, polygon=block(5000, 9000), code=zone.code)
    assert check_all(now=NOW) == 1
    assert not LayoutCheck.objects.exists()
    make_zone(hub, polygon=block(300, 900), code=zone.code)
    jobs.layout_one(str(file.pk))
    assert LayoutCheck.objects.count() == 1
    Enterprise.objects.filter(pk=file.pk).update(life="closed")
    assert check_all(now=NOW) == 1
    assert not LayoutCheck.objects.exists()


def test_who_uses_chemicals_where_he_belongs_is_no_conflict(district: District) -> None:
    hub = planner(district)
    make_zone(hub, polygon=block(0, 900), kind="education")
    school = make_site(district, "示例实验室", kind="laboratory")
    clinic = make_site(district, "示例医院", kind="hospital", plot=block(0, 100, 90))
    check_all(now=NOW)
    told = dict(LayoutCheck.objects.values_list("file_id", "is_conflict"))
    assert told == {school.pk: False, clinic.pk: True}
    assert set(LayoutCheck.objects.values_list("metres", flat=True)) == {0}


def test_a_case_is_late_after_its_term_and_seen_by_whom_it_concerns_alone(
    district: District, clock: list[datetime]
) -> None:
    hub = planner(district)
    file = make_site(district)
    make_zone(hub, polygon=block(150, 400))
    check = found(file)
    for who in (district.town, make_actor(district.department_org, "department.reporter")):
        with pytest.raises(NotPermitted):
            cases.open_case(actor=who, check=check, org=None, grounds="距离不足", now=NOW)
    with pytest.raises(Invalid):
        cases.open_case(actor=hub, check=check, org=district.enterprise_org, grounds=" ", now=NOW)
    # The approval bureau supervises no link; it sees what it coordinates.
    approving = make_org("示例区审批局", area=district.area, supervises=False, code="AAB")
    bureau = make_actor(approving, "department.officer")
    org = Organisation.objects.get(pk=bureau.organisation_id)
    case = cases.open_case(actor=hub, check=check, org=org, grounds="距离不足", now=NOW)
    with pytest.raises(Conflict):
        cases.open_case(actor=hub, check=check, org=None, grounds="再提", now=NOW)
    address = reverse("risk:layout_case", args=[case.pk])
    assert client_of(bureau).get(address).status_code == 200
    assert client_of(district.other_town).get(address).status_code == 404
    due = DAY + timedelta(days=5)
    key = uuid.uuid4()
    for _twice in range(2):
        cases.coordinate_case(actor=bureau, row=case, name="coordinate", text="会商", due=due, evidence=[], now=NOW,
                              client_id=key)  # fmt: skip
    late = {"late": "1"}
    assert file.enterprise.name not in client_of(bureau).get(reverse("risk:layout_cases"), late).content.decode()
    clock.append(NOW + timedelta(days=6))
    assert file.enterprise.name in client_of(bureau).get(reverse("risk:layout_cases"), late).content.decode()
    assert file.enterprise.name in client_of(hub).get(reverse("risk:layout_checks"), late).content.decode()
    for wrong in ({"outcome": "moved"}, {"outcome": "x"}):
        with pytest.raises(Invalid):
            cases.settle_case(actor=bureau, row=case, text="已搬", document="", document_date=None, evidence=[],
                              now=NOW, **wrong)  # fmt: skip
    cases.settle_case(actor=bureau, row=case, outcome="none", text="规划已包含该设施", document="", document_date=None,
                      evidence=[], now=NOW)  # fmt: skip
    assert case.status == "SETTLED"
    assert cases.open_case(actor=hub, check=check, org=None, grounds="再提", now=NOW).status == "FOUND"


def test_programs_read_checks_and_tell_reports_and_cases(district: District) -> None:
    hub = planner(district)
    file = make_site(district)
    zone = make_zone(hub, polygon=block(150, 400))
    check_all(now=NOW)
    office, base = client_of(district.officer), "/api/v1/risk"
    told = office.get(f"{base}/layout-checks", {"is_conflict": "true", "zone_id": str(zone.pk)}).json()["items"]
    assert [(one["enterprise_id"], one["metres"], one["verdict"]) for one in told] == [(str(file.pk), 50, BELOW)]
    body = {
        "way": "risk", "first_m": 40, "report": "评估", "report_date": DAY.isoformat(), "institute": "示例公司",
    }  # fmt: skip
    made = office.post(f"{base}/enterprises/{file.pk}/external-distances", body, content_type="application/json")
    assert made.status_code == 201
    one = office.get(f"{base}/layout-checks/{told[0]['id']}").json()
    assert (one["verdict"], one["required_m"], one["report_id"]) == (MEETS, 40, made.json()["id"])
    opened = office.post(f"{base}/layout-checks/{told[0]['id']}/cases", {"grounds": "用途冲突"},
                         content_type="application/json")  # fmt: skip
    assert opened.status_code == 201
    moves = f"{base}/layout-cases/{opened.json()['id']}/moves"
    bad = office.post(moves, {"move": "coordinate", "text": "会商"}, content_type="application/json")
    assert (bad.status_code, set(bad.json()["fields"])) == (422, {"due"})
    done = office.post(moves, {"move": "settle", "text": "无碍", "outcome": "none"}, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "SETTLED")
    assert len(office.get(f"{base}/layout-cases", {"status": "SETTLED"}).json()["items"]) == 1
    assert client_of(district.other_enterprise).get(f"{base}/layout-checks").json()["items"] == []
    assert client_of(district.other_town).get(f"{base}/layout-checks/{told[0]['id']}").status_code == 404


def test_the_same_request_twice_sets_a_distance_once_and_another_body_is_told_apart(district: District) -> None:
    head = make_actor(district.department_org, "department.head")
    sent = {
        "source": "user", "target": "first", "metres": "450", "basis": "示例区规定", "mark": "G",
        "from_date": DAY.isoformat(), "client_id": str(uuid.uuid4()),
    }  # fmt: skip
    new = reverse("risk:distance_rule_new")
    for _twice in range(2):
        assert client_of(head).post(new, sent).status_code == 303
    assert DistanceRule.objects.count() == 1
    assert client_of(head).post(new, {**sent, "metres": "451"}).status_code == 409
    # A report: all that is written of it belongs to the request, the point from which it is measured too.
    file, key = make_site(district), uuid.uuid4()
    known: dict[str, Any] = {
        "way": "risk", "first_m": 300, "report": "评估", "report_date": DAY, "institute": "示例公司",
    }  # fmt: skip
    common: dict[str, Any] = {"actor": house_actor(), "file": file, "evidence": [], "now": NOW, "client_id": key}
    first = tell_distance(known=known, **common)
    assert tell_distance(known=known, **common) == first
    for changed in ({"institute": "另一公司"}, {"report_no": "X"}, {"lon": Decimal(0), "lat": LAT}):
        with pytest.raises(Conflict):
            tell_distance(known={**known, **changed}, **common)


def test_the_same_move_of_a_case_with_another_date_or_paper_is_another_request(district: District) -> None:
    hub = planner(district)
    file = make_site(district)
    make_zone(hub, polygon=block(150, 400))
    case = cases.open_case(actor=hub, check=found(file), org=None, grounds="距离不足", now=NOW)
    key = uuid.uuid4()
    settle: dict[str, Any] = {
        "actor": hub, "row": case, "outcome": "measures", "text": "已加装", "document": "示规1号", "document_date": DAY,
        "now": NOW, "client_id": key,
    }  # fmt: skip
    cases.settle_case(**settle, evidence=[make_file(hub, "报告")])
    # The same paper uploaded anew is the same request.
    cases.settle_case(**settle, evidence=[make_file(hub, "报告")])
    with pytest.raises(Conflict):
        cases.settle_case(**settle, evidence=[make_file(hub, "另一份报告")])
    with pytest.raises(Conflict):
        cases.settle_case(**{**settle, "document_date": DAY - timedelta(days=1)}, evidence=[make_file(hub, "报告")])


def test_a_case_is_given_to_no_town_where_nobody_may_coordinate(district: District) -> None:
    hub = planner(district)
    file = make_site(district)
    make_zone(hub, polygon=block(150, 400))
    town = Organisation.objects.get(pk=district.town.organisation_id)
    with pytest.raises(Invalid) as refused:
        cases.open_case(actor=hub, check=found(file), org=town, grounds="距离不足", now=NOW)
    assert set(refused.value.fields) == {"org"}


def test_reports_of_a_double_count_for_the_file_that_was_kept_and_its_checks_are_gone_at_once(
    district: District,
) -> None:
    hub = planner(district)
    kept, double = make_site(district), make_site(district, "示例使用单位重复档案")
    make_zone(hub, polygon=block(500, 900))
    told = report(double, first_m=401)
    check_all(now=NOW)
    office = client_of(district.officer)
    lists = reverse("risk:layout_checks")
    assert "示例使用单位重复档案" in office.get(lists).content.decode()
    Enterprise.objects.filter(pk=double.pk).update(merged_into=kept, life="closed")
    assert "示例使用单位重复档案" not in office.get(lists).content.decode()
    assert queries.sums(queries.list_checks(actor=district.officer))["conflict"] == 0
    check = found(kept)
    assert (check.own_id, check.required_m, check.verdict) == (told.pk, 401, SHORT)
    assert [one.pk for one in queries.distances_of(kept)] == [told.pk]
    # A later report of the kept file itself counts in its place.
    own = report(kept, first_m=300)
    assert (found(kept).own_id, found(kept).verdict) == (own.pk, MEETS)


def test_a_file_without_a_place_is_counted_by_its_class(district: District) -> None:
    make_site(district)
    for name, kind in (("示例甲", "user"), ("示例票据", "trader_paper"), ("示例乙", "depot")):
        file = make_site(district, name, kind="user")
        Enterprise.objects.filter(pk=file.pk).update(kind=kind, lon=None, lat=None, boundary=None)
    with CaptureQueriesContext(connection) as asked:
        assert queries.without_place(actor=district.officer) == 2
    assert "COUNT" in asked[-1]["sql"]


def test_distances_are_measured_without_a_lock_and_anew_where_a_file_changed_meanwhile(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = planner(district)
    file, other = make_site(district), make_site(district, "示例另一单位", plot=block(0, 100, 90))
    make_zone(hub, polygon=block(500, 900))
    measured: list[uuid.UUID] = []
    real = layout_checks._checks_of

    def meanwhile(site: Any, around_us: Any) -> Any:
        with CaptureQueriesContext(connection) as asked:
            answer = real(site, around_us)
        assert not list(asked)
        if measured == []:
            assert connection.savepoint_ids == depth
            Enterprise.objects.filter(pk=other.pk).update(boundary=block(0, 200, 90))
        measured.append(site.file.pk)
        return answer

    depth = list(connection.savepoint_ids)
    monkeypatch.setattr(layout_checks, "_checks_of", meanwhile)
    assert check_all(now=NOW) == 2
    assert sorted(measured) == sorted([file.pk, other.pk, other.pk])
    assert dict(LayoutCheck.objects.values_list("file", "metres")) == {file.pk: 400, other.pk: 300}


def test_one_file_is_checked_by_what_lies_near_it_alone(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = planner(district)
    file = make_site(district)
    near = make_zone(hub, polygon=block(500, 900))
    make_zone(hub, code="FAR", polygon=block(50_000, 60_000))
    # One that spans the plant without a corner near it, one whose box nobody told, and a place that reaches far.
    wide = make_zone(hub, code="WIDE", polygon=block(-30_000, 30_000, 30_000))
    bare = make_zone(hub, code="BARE", polygon=block(700, 800))
    PlanningZone.objects.filter(pk=bare.pk).update(west=None, south=None, east=None, north=None)
    known = {
        "kind": "housing", "name": "示例小区", "area": district.street_area, "address": "", "lat": LAT,
        "lon": Decimal(str(lon(2_500))), "boundary": block(1_000, 2_600), "population": None, "source": "统计",
        "source_date": DAY,
    }  # fmt: skip
    place = enter_place(actor=district.officer, known=known, now=NOW)
    read: list[set[Any]] = []
    real = layout_checks.look_around

    def looking(*given: Any) -> Any:
        found = real(*given)
        lying = [one for cell in found.cells.values() for one in cell] + found.everywhere
        read.append({one.zone_id or one.place_id for one in lying})
        return found

    monkeypatch.setattr(layout_checks, "look_around", looking)
    jobs.layout_one(str(file.pk))
    assert read == [{near.pk, wide.pk, bare.pk, place.pk}]
    ours = set(LayoutCheck.objects.values_list("key", "metres"))
    assert (f"place:{place.pk}", 900) in ours
    assert ("zone:WIDE", 0) in ours
    # All at once find the same.
    assert check_all(now=NOW) == 0
    # A report that asks for more than usual reaches further.
    report(file, first_m=19_000)
    assert set(LayoutCheck.objects.values_list("key", flat=True)) == {key for key, _metres in ours}
    make_zone(hub, code="MID", polygon=block(15_000, 16_000))
    assert found_keys(file) == {key for key, _metres in ours} | {"zone:MID"}


def found_keys(file: Enterprise) -> set[str]:
    check_files(ids=[file.pk], now=NOW)
    return set(LayoutCheck.objects.filter(file=file).values_list("key", flat=True))


def test_a_file_is_looked_at_anew_only_for_its_place_its_kind_or_its_grade(district: District) -> None:
    file = make_site(district)
    make_zone(planner(district), polygon=block(150, 400))
    check_all(now=NOW)
    assert jobs.layout_one.queue == "slow"

    def queued(kind: str, **facts: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_events")
            cursor.execute("DELETE FROM procrastinate_jobs")
            event = Event(kind=kind, scope={"enterprise": str(file.pk)}, subject_id=file.pk, facts=facts, at=NOW)
            jobs.hear_site(event, NOW)
            asking = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'risk.layout_one'"
            return int(cursor.execute(asking).fetchone()[0])

    assert queued("registry.enterprise.changed", fields=["staff_count", "emergency_phone"]) == 0
    assert queued("registry.enterprise.verified") == 0
    assert queued("registry.major_hazard.filed") == 0
    for field in ("kind", "lon", "lat", "boundary", "life", "more_kinds"):
        assert queued("registry.enterprise.changed", fields=["staff_count", field]) == 1
    assert queued("registry.enterprise.entered") == 1
    Enterprise.objects.filter(pk=file.pk).update(legal_grade=1)
    assert queued("registry.major_hazard.filed") == 1

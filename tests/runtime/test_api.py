"""The REST API as a program meets it: who is asking, strict input, problems instead of pages."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from ninja import Schema
from tests.factories import District, make_actor, make_district, make_member, make_org
from tests.support.signing import signed_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.exchange.api import me as me_api
from quancheng.kernel.journal.services import seal
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.tokens import services as tokens
from quancheng.kernel.work.models import WorkAct, WorkItem
from quancheng.runtime.api import api
from quancheng.runtime.place import ROOT

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def district() -> District:
    return make_district()


def secret_of(actor: Actor, **changes: Any) -> str:
    given: dict[str, Any] = {
        "name": "程序", "duties": actor.duties, "can_write": True, "days": 1, "now": timezone.now(), **changes,
    }  # fmt: skip
    return tokens.create_token(actor=actor, **given).secret


def program(actor: Actor, **changes: Any) -> Client:
    """A client that acts by a token."""
    return Client(headers={"Authorization": f"Bearer {secret_of(actor, **changes)}"})


def post(client: Client, path: str, body: object = None, **headers: str) -> HttpResponse:
    return client.post(f"{API}{path}", json.dumps({} if body is None else body), "application/json", headers=headers)


def make_item(org: Organisation, *, duty: str = "work.urge", title: str = "报送月度小结") -> WorkItem:
    now = timezone.now()
    return WorkItem.objects.create(
        owner_org=org, area=org.area, subject_type="test.row", subject_id=uuid.uuid4(), loop_code="test.row",
        state="OPEN", duty=duty, title=title, entered_at=now, due_at=now + timedelta(days=3), reach="chain",
    )  # fmt: skip


def is_problem(answer: HttpResponse, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]


# Who is asking ---------------------------------------------------------------------------------------------------


def test_a_token_and_a_session_are_the_same_actor(district: District) -> None:
    by_token = program(district.officer).get(f"{API}/me").json()
    by_session = signed_in(district.officer).get(f"{API}/me").json()
    assert by_token == by_session
    assert by_token["organisation"] == "示例区安全生产委员会办公室"
    assert by_token["user_id"] == str(district.officer.user_id)


def test_nobody_gets_401_and_no_sign_in_page(district: District) -> None:
    answer = Client().get(f"{API}/me")
    is_problem(answer, 401, "not_signed_in")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer qct_12345678.abc", "Basic dXNlcjpwYXNz", "Bearer "])
def test_wrong_credentials_are_refused_even_beside_a_good_session(district: District, header: str) -> None:
    client = signed_in(district.officer)
    is_problem(client.get(f"{API}/me", headers={"Authorization": header}), 401, "bad_token")


def test_a_session_writes_only_with_the_csrf_token(district: District) -> None:
    item = make_item(district.office_org)
    client = signed_in(district.officer, client=Client(enforce_csrf_checks=True))
    is_problem(post(client, f"/work/items/{item.pk}/take"), 403, "csrf")
    assert WorkItem.objects.get().person_id is None
    client.get("/tokens/new")
    good = post(client, f"/work/items/{item.pk}/take", **{"X-CSRFToken": client.cookies["csrftoken"].value})
    assert good.status_code == 200, good.content
    assert WorkItem.objects.get().person_id == district.officer.user_id


def test_a_token_needs_no_csrf_token(district: District) -> None:
    item = make_item(district.office_org)
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret_of(district.officer)}"})
    assert post(client, f"/work/items/{item.pk}/take").status_code == 200


def test_too_many_requests_are_told_how_long_to_wait(district: District) -> None:
    client = program(district.officer, rate_per_minute=2)
    assert [client.get(f"{API}/me").status_code for _n in range(2)] == [200, 200]
    answer = client.get(f"{API}/me")
    is_problem(answer, 429, "too_many")
    assert 1 <= int(answer["Retry-After"]) <= 60


# Input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["limit=201", "limit=-1", "limit=x", "offset=10001", "sort=name", "total=perhaps", "text=" + "x" * 101]
)
def test_a_query_that_cannot_be_read_is_refused_and_never_ignored(district: District, query: str) -> None:
    answer = program(district.officer).get(f"{API}/organisations?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [f"query.{query.partition('=')[0]}"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ('{"note": "x", "note2": "y"}', "application/json", 422, "invalid"),
        ('{"note": 5}', "application/json", 422, "invalid"),
        ('{"note": "' + "x" * 301 + '"}', "application/json", 422, "invalid"),
        ("{not json", "application/json", 422, "malformed_json"),
        ("note=x", "application/x-www-form-urlencoded", 415, "wrong_type"),
        ('{"note": "x"}', "text/plain", 415, "wrong_type"),
    ],
)
def test_a_body_that_cannot_be_read_changes_nothing(
    district: District, body: str, kind: str, status: int, code: str
) -> None:
    item = make_item(district.office_org)
    answer = program(district.officer).post(f"{API}/work/items/{item.pk}/urge", body, kind)
    is_problem(answer, status, code)
    assert not WorkAct.objects.exists()


def test_a_body_too_large_is_413(district: District, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    item = make_item(district.office_org)
    is_problem(post(program(district.officer), f"/work/items/{item.pk}/urge", {"note": "x" * 2000}), 413, "too_large")


def test_an_unknown_address_and_a_wrong_method_are_problems_too(district: District) -> None:
    client = program(district.officer)
    is_problem(client.get(f"{API}/nothing"), 404, "not_found")
    is_problem(client.delete(f"{API}/me"), 405, "method_not_allowed")


def test_a_failure_of_ours_gets_an_incident_number_and_no_trace(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(me_api, "actor_of", fail)
    answer = program(district.officer).get(f"{API}/me")
    is_problem(answer, 500, "incident")
    assert answer.json()["incident"]
    assert "secret detail" not in answer.content.decode()


# Registers -------------------------------------------------------------------------------------------------------


def test_organisations_come_by_page_with_the_count_on_request(district: District) -> None:
    client = program(district.officer)
    first = client.get(f"{API}/organisations?limit=2&total=true").json()
    assert (len(first["items"]), first["next_offset"], first["total"]) == (2, 2, 6)
    rest = client.get(f"{API}/organisations?limit=50&offset=2").json()
    assert (len(rest["items"]), rest["next_offset"], rest["total"]) == (4, None, None)


def test_an_enterprise_does_not_learn_that_another_exists(district: District) -> None:
    client = program(district.enterprise)
    own, other = district.enterprise_org, district.other_enterprise_org
    assert client.get(f"{API}/organisations/{own.pk}").json()["name"] == own.name
    is_problem(client.get(f"{API}/organisations/{other.pk}"), 404, "not_found")
    listed = client.get(f"{API}/organisations?limit=200").content.decode()
    assert own.name in listed
    assert other.name not in listed


def test_areas_are_found_by_name_and_initials(district: District) -> None:
    client = program(district.officer)
    for text in ("甲街", "jjd"):
        assert [area["name"] for area in client.get(f"{API}/areas?text={text}").json()["items"]] == ["甲街道"]
    under = client.get(f"{API}/areas?under={district.area.pk}").json()["items"]
    assert [area["name"] for area in under] == ["示例区", "甲街道", "乙街道"]
    is_problem(client.get(f"{API}/areas?under={uuid.uuid4()}"), 404, "not_found")


# Work items ------------------------------------------------------------------------------------------------------


def test_items_are_listed_as_mine_my_organisations_and_visible(district: District) -> None:
    mine = make_item(district.office_org)
    other = make_item(district.town_org, duty="work.none")
    client = program(district.officer)

    def listed(whose: str) -> set[str]:
        return {each["id"] for each in client.get(f"{API}/work/items?whose={whose}").json()["items"]}

    assert listed("mine") == {str(mine.pk)}
    assert listed("organisation") == {str(mine.pk)}
    assert listed("visible") == {str(mine.pk), str(other.pk)}
    assert client.get(f"{API}/work/items?overdue=true").json()["items"] == []


def test_an_item_is_taken_handed_on_given_back_and_urged(district: District) -> None:
    colleague = make_actor(district.office_org, "office.officer", name="乙某")
    item = make_item(district.office_org)
    client = program(district.officer)
    base = f"/work/items/{item.pk}"
    assert post(client, f"{base}/take").json()["person_id"] == str(district.officer.user_id)
    handed = post(client, f"{base}/hand-on", {"to_user": str(colleague.user_id), "note": "请办理"})
    assert handed.json()["person_id"] == str(colleague.user_id)
    is_problem(post(client, f"{base}/give-back", {"note": ""}), 409, "stale_state")
    assert post(program(colleague), f"{base}/give-back", {"note": "不归我"}).json()["person_id"] is None
    assert post(client, f"{base}/urge", {"note": "请抓紧"}).json()["urged_count"] == 1


def test_an_item_is_not_handed_to_somebody_elsewhere(district: District) -> None:
    item = make_item(district.office_org)
    answer = post(program(district.officer), f"/work/items/{item.pk}/hand-on", {"to_user": str(district.town.user_id)})
    is_problem(answer, 422, "invalid")
    assert list(answer.json()["fields"]) == ["to_user"]


def test_an_item_out_of_scope_is_absent_for_reading_and_acting(district: District) -> None:
    item = make_item(district.other_town_org, duty="work.urge")
    client = program(district.town)
    is_problem(client.get(f"{API}/work/items/{item.pk}"), 404, "not_found")
    is_problem(post(client, f"/work/items/{item.pk}/take"), 404, "not_found")
    assert program(district.other_town).get(f"{API}/work/items/{item.pk}").status_code == 200


def test_without_the_duty_the_token_is_refused_by_its_name(district: District) -> None:
    item = make_item(district.office_org)
    answer = post(program(district.officer, duties=[]), f"/work/items/{item.pk}/urge", {"note": ""})
    is_problem(answer, 403, "not_permitted")
    assert answer.json()["facts"] == {"duty": "work.urge"}
    assert post(program(district.officer), f"/work/items/{item.pk}/urge", {"note": ""}).status_code == 200


def test_the_same_request_sent_twice_acts_once_and_another_body_is_refused(district: District) -> None:
    item = make_item(district.office_org)
    client, key = program(district.officer), {"Idempotency-Key": str(uuid.uuid4())}
    for _time in range(2):
        assert post(client, f"/work/items/{item.pk}/urge", {"note": "请抓紧"}, **key).json()["urged_count"] == 1
    is_problem(post(client, f"/work/items/{item.pk}/urge", {"note": "别的"}, **key), 409, "client_id_reused")
    assert WorkAct.objects.count() == 1
    bad = post(client, f"/work/items/{item.pk}/urge", {"note": ""}, **{"Idempotency-Key": "17"})
    is_problem(bad, 422, "bad_client_id")


# Journal ---------------------------------------------------------------------------------------------------------


def test_the_journals_proof_is_for_the_auditor_alone(district: District) -> None:
    auditor = make_member(make_org("示例区大数据局", supervises=False), "admin.audit")
    client, ordinary = signed_in(auditor), program(district.director)
    seal(now=timezone.now())
    cheap = client.get(f"{API}/journal/proof").json()
    assert (cheap["recomputed"], cheap["is_sound"], cheap["entries"] > 0) == (False, None, True)
    whole = client.get(f"{API}/journal/proof?recompute=true").json()
    assert (whole["recomputed"], whole["is_sound"], whole["faults"]) == (True, True, [])
    is_problem(ordinary.get(f"{API}/journal/proof"), 403, "auditors_only")


# Description -----------------------------------------------------------------------------------------------------


def test_no_two_bodies_share_a_name_in_the_description() -> None:
    """The description knows a body by the name of its class alone: of two the last would hide the first."""
    found: dict[str, set[str]] = {}
    waiting = [Schema]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if one.__module__.startswith("quancheng."):
                found.setdefault(one.__name__, set()).add(one.__module__)
    assert {name: modules for name, modules in found.items() if len(modules) > 1 and "[" not in name} == {}


def test_the_description_is_served_and_equals_the_committed_snapshot(client: Client) -> None:
    served = json.loads(json.dumps(client.get(f"{API}/openapi.json").json(), sort_keys=True))
    committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert served == committed, "run: bin/quancheng dev openapi > docs/openapi.json, and look at what changed"


def test_every_operation_can_answer_with_a_problem(client: Client) -> None:
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert {"401", "404", "422"} <= set(operation["responses"]), f"{method} {path} lists no refusals"


def test_the_description_reads_as_a_page_without_script_or_foreign_host(client: Client) -> None:
    answer = client.get(f"{API}/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "take_work_item" in page
    assert "//cdn" not in page


def test_every_request_body_refuses_unknown_names(client: Client) -> None:
    schema = client.get(f"{API}/openapi.json").json()
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if "$ref" not in content["schema"]:
                    continue
                shape = schema["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                assert shape.get("additionalProperties") is False, f"{path} takes unknown names"


# Filters -----------------------------------------------------------------------------------------------------------

#: How a description says what a parameter takes, and the parameters that take any words: what is sought.
KINDS = ("enum", "$ref", "const", "format", "pattern", "boolean", "integer")
FREE = {
    "text", "number", "after", "tags", "kind of list_events", "contractor of list_permit_violations",
    "card of check_gate",
}  # fmt: skip


def _filters() -> list[tuple[str, str, dict[str, Any]]]:
    """Every parameter of every operation that reads, beside those in the path: address, name, what it takes."""
    found = []
    for path, methods in api.get_openapi_schema()["paths"].items():
        operation = methods.get("get", {})
        for one in operation.get("parameters", []):
            names = {one["name"], f"{one['name']} of {operation['operationId']}"}
            if one["in"] == "query" and not names & (FREE | {"limit", "offset"}):
                found.append((path, one["name"], one["schema"]))
    return found


def test_every_filter_says_what_it_takes() -> None:
    open_ = [
        f"{path} {name}" for path, name, schema in _filters()
        if not any(f'"{said}"' in json.dumps(schema) for said in KINDS)
    ]  # fmt: skip
    assert open_ == [], "filters that take any text: kernel.exchange.rest.one_of lists what is taken"


def test_no_list_takes_a_value_that_it_does_not_know(district: District) -> None:
    asked = sorted({(path, name) for path, name, _schema in _filters()})
    assert len(asked) > 20
    for place, (path, name) in enumerate(asked):
        if place % 200 == 0:
            # A token's own limit of requests a minute is not what is asked here.
            client = program(district.director)
        address = re.sub(r"\{[^}]*\}", str(uuid.uuid4()), path)
        answer = client.get(f"{address}?{name}=NONSENSE")
        is_problem(answer, 422, "invalid")
        # What must be sent and was not is named too.
        assert ["query", name] in [field.split(".")[:2] for field in answer.json()["fields"]], address


def test_no_reading_operation_takes_a_parameter_that_it_does_not_know(district: District) -> None:
    client = program(district.director)
    for place, (path, methods) in enumerate(api.get_openapi_schema()["paths"].items()):
        if place % 200 == 199:
            client = program(district.director)
        if "get" in methods:
            address = re.sub(r"\{[^}]*\}", str(uuid.uuid4()), path)
            answer = client.get(f"{address}?stauts=OPEN")
            is_problem(answer, 422, "unknown_parameter")
            assert list(answer.json()["fields"]) == ["query.stauts"], address


def test_text_that_cannot_be_stored_is_refused_beside_its_name(district: District) -> None:
    answer = program(district.director).get(f"{API}/organisations?text=a%00b")
    is_problem(answer, 422, "invalid")
    assert list(answer.json()["fields"]) == ["query.text"]

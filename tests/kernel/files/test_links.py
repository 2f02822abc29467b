"""A file is reached through a record that holds it, by whoever may see the record, and by nobody else."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, models, transaction
from django.test import AsyncRequestFactory, RequestFactory
from tests.factories import NOW, District, make_district
from tests.kernel.files.factories import PDF, photo

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.files import holders, queries, services, views
from quancheng.kernel.files.models import FileLink, StoredFile
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
CLOSED: set[uuid.UUID] = set()


@pytest.fixture
def district(monkeypatch: pytest.MonkeyPatch) -> Iterator[District]:
    """Organisations hold files here: their own people see them, and supervisors."""

    def getter(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        own = actor.supervises or actor.organisation_id == pk
        return Organisation.objects.filter(pk=pk).first() if own else None

    monkeypatch.setattr(holders, "_holders", {})
    holders.register_holder("people.organisation", getter, is_closed=lambda row: row.pk in CLOSED)
    yield make_district()
    CLOSED.clear()


def receive(actor: Actor, content: bytes = PDF, name: str = "检查记录.pdf") -> StoredFile:
    return services.receive_file(actor=actor, content=io.BytesIO(content), name=name, now=NOW)


def hold(district: District, file: StoredFile) -> FileLink:
    return services.attach_files(actor=district.enterprise, row=district.enterprise_org, file_ids=[file.pk], now=NOW)[0]


def test_an_upload_has_no_door_until_a_record_holds_it(district: District) -> None:
    file = receive(district.enterprise)
    with pytest.raises(NotFound):
        queries.open_file(actor=district.enterprise, link_id=file.pk)
    link = hold(district, file)
    for actor in (district.enterprise, district.officer):
        with queries.open_file(actor=actor, link_id=link.pk).stream as stream:
            assert stream.read() == PDF
    for reader in (district.other_enterprise,):
        with pytest.raises(NotFound):
            queries.open_file(actor=reader, link_id=link.pk)


def test_who_sees_a_record_does_not_read_what_it_holds_in_a_role_that_is_not_his(district: District) -> None:
    holder = holders.holder_of("people.organisation")
    assert holder is not None
    holders.register_holder(
        "people.organisation", holder.getter, is_closed=holder.is_closed,
        shown=lambda actor, row, role: role != "inner" or actor.organisation_id != row.pk,
    )  # fmt: skip
    plain, inner = receive(district.enterprise), receive(district.officer, PDF + b"\n", "内部.pdf")
    link = hold(district, plain)
    kept = services.attach_files(actor=district.officer, row=district.enterprise_org, file_ids=[inner.pk], now=NOW,
                                 role="inner")[0]  # fmt: skip
    known = {"subject_type": "people.organisation", "subject_id": district.enterprise_org.pk}
    for actor, held in ((district.enterprise, [link]), (district.officer, [link, kept])):
        assert list(queries.list_held(actor=actor, **known)) == held  # type: ignore[arg-type]
    assert queries.get_link(actor=district.officer, link_id=kept.pk) == kept
    with pytest.raises(NotFound):
        queries.get_link(actor=district.enterprise, link_id=kept.pk)
    with pytest.raises(NotFound):
        services.attach_files(actor=district.enterprise, row=district.enterprise_org, file_ids=[inner.pk], now=NOW)


def test_nobody_attaches_a_file_that_he_could_not_read(district: District) -> None:
    file = receive(district.enterprise)
    theirs = {"row": district.other_enterprise_org, "file_ids": [file.pk], "now": NOW}
    with pytest.raises(NotFound):
        services.attach_files(actor=district.other_enterprise, **theirs)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        services.attach_files(actor=district.enterprise, row=district.enterprise_org, file_ids=[uuid.uuid4()], now=NOW)
    assert not FileLink.objects.exists()
    hold(district, file)
    assert services.attach_files(actor=district.officer, **theirs), "the office sees the first record"  # type: ignore[arg-type]


def test_holding_a_file_twice_changes_nothing_and_the_number_of_files_is_limited(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = receive(district.enterprise)
    assert hold(district, file).pk == hold(district, file).pk
    monkeypatch.setattr(services, "MOST_PER_ROW", 1)
    other = receive(district.enterprise, PDF + b"\n")
    with pytest.raises(Invalid):
        hold(district, other)


def test_evidence_of_a_closed_record_is_added_to_and_never_taken_away(district: District) -> None:
    link = hold(district, receive(district.enterprise))
    spare = hold(district, receive(district.enterprise, PDF + b"2"))
    services.detach_file(actor=district.enterprise, link_id=spare.pk, now=NOW)
    CLOSED.add(district.enterprise_org.pk)
    with pytest.raises(StaleState):
        services.detach_file(actor=district.enterprise, link_id=link.pk, now=NOW)
    assert hold(district, receive(district.enterprise, PDF + b"3"))
    assert set(queries.files_of(district.enterprise_org)) > {link}
    assert JournalEntry.objects.filter(act="files.link.remove").count() == 1


def test_the_database_itself_keeps_what_is_frozen(district: District) -> None:
    link = hold(district, receive(district.enterprise))
    assert services.freeze_files(row=district.enterprise_org, now=NOW) == 1
    other = receive(district.enterprise, PDF + b"2")
    for act in (
        lambda: FileLink.objects.filter(pk=link.pk).update(file=other),
        lambda: FileLink.objects.filter(pk=link.pk).update(frozen_at=None),
        lambda: FileLink.objects.filter(pk=link.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(StaleState):
        services.detach_file(actor=district.enterprise, link_id=link.pk, now=NOW)


def test_a_download_can_run_nothing_in_the_browser(district: District) -> None:
    link = hold(district, receive(district.enterprise, b"<b>no</b>", "检查.txt"))
    request = RequestFactory().get("/")
    request.actor = district.enterprise  # type: ignore[attr-defined]
    for view in (views.download, views.show):
        answer = view(request, link_id=link.pk)
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%A3%80")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer["Content-Type"] == "text/plain"
        assert answer.getvalue() == b"<b>no</b>"  # type: ignore[attr-defined]


def test_a_photo_is_shown_in_the_page_also_by_the_asynchronous_server(district: District) -> None:
    file = receive(district.enterprise, photo(fmt="WEBP"), "现场.webp")
    link = hold(district, file)
    request = AsyncRequestFactory().get("/")
    request.actor = district.enterprise
    answer = views.show(request, link_id=link.pk)
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''%E7%8E%B0%E5%9C%BA.jpg")
    assert answer["Content-Type"] == "image/jpeg"

    async def read() -> bytes:
        return b"".join([block async for block in answer])  # type: ignore[attr-defined]

    assert len(asyncio.run(read())) == file.size


def test_taking_a_photos_original_needs_duty_and_reason_and_is_journaled(district: District) -> None:
    link = hold(district, receive(district.enterprise, photo(), "现场.jpg"))
    with pytest.raises(NotPermitted):
        services.take_original(actor=district.enterprise, link_id=link.pk, reason="核实拍摄地点", now=NOW)
    with pytest.raises(Invalid):
        services.take_original(actor=district.director, link_id=link.pk, reason="", now=NOW)
    with services.take_original(actor=district.director, link_id=link.pk, reason="核实拍摄地点", now=NOW).stream as raw:
        assert raw.read() == photo()
    assert JournalEntry.objects.get(act="files.original.take").facts["reason"] == "核实拍摄地点"


def test_links_of_many_rows_cost_one_query(district: District, django_assert_num_queries: object) -> None:
    link = hold(district, receive(district.enterprise))
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = queries.files_of_many(Organisation, [district.enterprise_org.pk, district.office_org.pk])
        assert [one.file.name for one in found[district.enterprise_org.pk]] == ["检查记录.pdf"]
    assert found == {district.enterprise_org.pk: [link]}

"""Storage places: the district's list, licence and sharing, merges, and the clue where a place is in no licence."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import files_named
from quancheng.domains.registry.api.census import ClueOut
from quancheng.domains.registry.models import Clue, Unit
from quancheng.domains.registry.models.licences import LicenceState
from quancheng.domains.registry.queries import storage_places as queries
from quancheng.domains.registry.services import storage_places as services
from quancheng.kernel.errors import Invalid, NotFound, StaleState
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, only_once
from quancheng.kernel.exchange.rest import page_of as paged
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class StoragePlaceOut(Schema):
    """A unit in which something is stored; quantities in tonnes, ``percent`` present of design.

    ``licence_chosen``: somebody named the licence; else it is the enterprise's newest that allows storage.
    """

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    name: str
    inside: list[str] = Field(description="kinds of its facilities that store, one entry each")
    design_t: Decimal | None
    licensed_t: Decimal | None
    present_t: Decimal | None
    percent: Decimal | None
    is_over: bool
    is_unlicensed: bool
    licence_id: uuid.UUID | None
    licence_chosen: bool
    licence_state: str | None
    licence_to: date | None
    shared_with: list[str]
    merged_into: uuid.UUID | None
    merged_date: date | None
    has_clue: bool
    version: int = Field(description="of licence and sharing; 0 where nothing was said")

    @staticmethod
    def resolve_is_unlicensed(row: Any) -> bool:
        return bool(getattr(row, "place", None) and row.place.is_unlicensed)

    @staticmethod
    def resolve_licence_id(row: Any) -> uuid.UUID | None:
        return queries.licence_of(row).id

    @staticmethod
    def resolve_licence_chosen(row: Any) -> bool:
        return queries.licence_of(row).is_chosen

    @staticmethod
    def resolve_shared_with(row: Any) -> list[str]:
        return row.place.shared_with if getattr(row, "place", None) else []

    @staticmethod
    def resolve_merged_into(row: Any) -> str | None:
        return row.merge_row["target"] if row.merge_row else None

    @staticmethod
    def resolve_merged_date(row: Any) -> str | None:
        return row.merge_row["day"] if row.merge_row else None

    @staticmethod
    def resolve_version(row: Any) -> int:
        return row.place.version if getattr(row, "place", None) else 0


class StoragePlacesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    licence_state: str = one_of(LicenceState.values)
    unlicensed: bool = Field(False, description="only those that stand under no licence")
    over: bool = Field(False, description="only those with a chemical above its licensed or designed quantity")
    merged: bool = Field(False, description="only those merged into another")


class StoragePlaceIn(Strict):
    """What is sent is changed. ``version`` of what was read; 0 where nothing was said."""

    version: int = Field(ge=0)
    licence_id: uuid.UUID | None = Field(None, description="of the same enterprise; null for what follows by itself")
    is_unlicensed: bool = False
    shared_with: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(default_factory=list, max_length=30)


class PlaceClueIn(Strict):
    text: str = Field(min_length=1, max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50)


class PlaceMergeIn(Strict):
    target_id: uuid.UUID
    on: date
    reason: str = Field(min_length=1, max_length=500)


class PlaceResumeIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


def _place(request: HttpRequest, pk: uuid.UUID) -> Unit:
    return queries.get_storage_place(actor=actor_of(request), unit_id=pk, on=timezone.localdate())


@router.get(
    "/storage-places",
    response={200: Page[StoragePlaceOut], **REFUSALS},
    operation_id="list_storage_places",
    summary="Every storage place with its capacity and the licence under which it stands",
)
def list_places(request: HttpRequest, given: Query[StoragePlacesIn]) -> dict[str, Any]:
    rows = queries.list_storage_places(actor=actor_of(request), on=timezone.localdate())
    if given.unlicensed:
        rows = rows.exclude(queries.is_licensed())
    if given.over:
        rows = rows.filter(queries.is_over())
    if given.merged:
        rows = rows.filter(queries.is_away())
    return paged(narrowed(rows, {"file": given.enterprise_id, "licence_state": given.licence_state}), given)


@router.get(
    "/storage-places/{uuid:pk}", response={200: StoragePlaceOut, **REFUSALS}, operation_id="get_storage_place",
    summary="One storage place",
)  # fmt: skip
def get_place(request: HttpRequest, pk: uuid.UUID) -> Unit:
    return _place(request, pk)


@router.patch(
    "/storage-places/{uuid:pk}",
    response={200: StoragePlaceOut, **REFUSALS},
    operation_id="set_storage_place",
    summary="Say under which licence a place stands, that it is in none, and who else stores there",
)
def set_place(request: HttpRequest, pk: uuid.UUID, payload: StoragePlaceIn) -> Unit:
    unit = _place(request, pk)
    said = payload.dict(exclude_unset=True)
    version = said.pop("version")
    if "licence_id" in said:
        wanted = said.pop("licence_id")
        known = {one.pk: one for one in queries.licences_for(unit.file, on=timezone.localdate())}
        if wanted is not None and wanted not in known:
            raise Invalid(fields={"licence_id": NotFound().message})
        said["licence"] = known[wanted] if wanted else None
    services.set_place(actor=actor_of(request), unit=unit, version=version, changes=said, now=timezone.now())
    return _place(request, pk)


@router.post(
    "/storage-places/{uuid:pk}/clue",
    response={201: ClueOut, **REFUSALS},
    operation_id="report_storage_place",
    summary="Report that a place on file stands in no licence",
)
def report(request: HttpRequest, pk: uuid.UUID, payload: PlaceClueIn) -> Status[Clue]:
    unit = _place(request, pk)
    with files_named():
        made = services.report_place(
            actor=actor_of(request), unit=unit, text=payload.text, evidence=payload.evidence, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, made)


@router.post(
    "/storage-places/{uuid:pk}/merge",
    response={200: StoragePlaceOut, **REFUSALS},
    operation_id="merge_storage_place",
    summary="Merge a place into another: it stands still",
)
def merge(request: HttpRequest, pk: uuid.UUID, payload: PlaceMergeIn) -> Unit:
    actor, unit = actor_of(request), _place(request, pk)
    try:
        target = _place(request, payload.target_id)
    except NotFound as absent:
        raise Invalid(fields={"target_id": absent.message}) from absent

    def make() -> uuid.UUID:
        try:
            return services.merge_places(
                actor=actor, source=unit, target=target, on=payload.on, reason=payload.reason, now=timezone.now()
            ).pk
        except Invalid as refused:
            refused.fields = {"target_id" if key == "target" else key: said for key, said in refused.fields.items()}
            raise

    body = {"unit": str(pk), **payload.model_dump(mode="json")}
    only_once(request, actor=actor, act="registry.place.merge", body=body, make=make)
    return _place(request, pk)


@router.post(
    "/storage-places/{uuid:pk}/resume",
    response={200: StoragePlaceOut, **REFUSALS},
    operation_id="resume_storage_place",
    summary="A merged place stores again",
)
def resume(request: HttpRequest, pk: uuid.UUID, payload: PlaceResumeIn) -> Unit:
    actor, unit = actor_of(request), _place(request, pk)

    def make() -> uuid.UUID:
        standing = queries.standing_merge(unit)
        if standing is None:
            raise StaleState(_("该场所已恢复使用。"))
        return services.resume_place(actor=actor, merge=standing, reason=payload.reason, now=timezone.now()).pk

    body = {"unit": str(pk), **payload.model_dump(mode="json")}
    only_once(request, actor=actor, act="registry.place.resume", body=body, make=make)
    return _place(request, pk)

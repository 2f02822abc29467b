"""Reads of files: always through the record that holds them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from django.db import models
from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.holders import holder_of, is_shown, row_for
from quancheng.kernel.files.models import FileLink, StoredFile
from quancheng.kernel.files.store import store


@dataclass(frozen=True)
class OpenFile:
    """Content ready to be read, with what an answer says about it; whoever got it closes ``stream``."""

    stream: IO[bytes]
    name: str
    media_type: str
    size: int


def files_of(row: models.Model, *, role: str = "") -> QuerySet[FileLink]:
    """Links of one row that the caller got through its own query, oldest first; one query with the files."""
    found = FileLink.objects.filter(subject_type=subject_type_of(row), subject_id=row.pk)
    if role:
        found = found.filter(role=role)
    return found.select_related("file", "added_by").order_by("added_at", "pk")


def files_of_many(model: type[models.Model], pks: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[FileLink]]:
    """Links of many rows of one kind, which the caller got through its own query; one query for all."""
    found: dict[uuid.UUID, list[FileLink]] = {}
    links = FileLink.objects.filter(subject_type=subject_type_of(model), subject_id__in=list(pks))
    for link in links.select_related("file", "added_by").order_by("added_at", "pk"):
        found.setdefault(link.subject_id, []).append(link)
    return found


def files_by_id(pks: Iterable[uuid.UUID]) -> list[StoredFile]:
    """Files by their keys, for the act that lets a row hold them; whoever may use them is asked there."""
    return list(StoredFile.objects.filter(pk__in=list(pks)).order_by("uploaded_at", "pk"))


def links_of_same_content(file: StoredFile, *, subject_type: str) -> list[FileLink]:
    """Which rows of a kind hold the same original bytes, whatever the file is called: across all scopes, to tell that
    something was used twice. What they are is not to be told to who may not see them."""
    same = FileLink.objects.filter(subject_type=subject_type, file__original_digest=file.original_digest)
    return list(same.order_by("added_at", "pk"))


def list_held(*, actor: Actor, subject_type: str, subject_id: uuid.UUID) -> QuerySet[FileLink]:
    """Links of a record that the actor may see, oldest first.

    :raises NotFound: absent, out of scope, or a kind of record that holds no files.
    """
    row = row_for(actor, subject_type, subject_id)
    if row is None:
        raise NotFound
    found = files_of(row)
    holder = holder_of(subject_type)
    if holder is None or holder.shown is None:
        return found
    # In an order of its own, so that it is distinct by the role alone.
    roles = found.order_by("role").values_list("role", flat=True).distinct()
    hidden = [role for role in roles if not is_shown(actor, row, role)]
    return found.exclude(role__in=hidden) if hidden else found


def get_link(*, actor: Actor, link_id: uuid.UUID) -> FileLink:
    """A link whose record the actor may see.

    :raises NotFound: absent, or its record is out of scope.
    """
    link = FileLink.objects.select_related("file").filter(pk=link_id).first()
    row = row_for(actor, link.subject_type, link.subject_id) if link is not None else None
    if link is None or row is None or not is_shown(actor, row, link.role):
        raise NotFound
    return link


def open_file(*, actor: Actor, link_id: uuid.UUID) -> OpenFile:
    """The content behind a link; photos as they were encoded anew.

    :raises NotFound: absent, out of scope, or its content is missing from the store.
    """
    file = get_link(actor=actor, link_id=link_id).file
    return OpenFile(_stream(file.digest), shown_name(file), file.media_type, file.size)


def open_original(file: StoredFile) -> IO[bytes]:
    """The bytes as they came: for the house's own programs; people go through ``services.take_original``."""
    return _stream(file.original_digest)


def shown_name(file: StoredFile) -> str:
    """The name with the extension of what is handed out: a photo may have become another type."""
    if file.media_type == file.original_media_type:
        return file.name
    return f"{file.name.rpartition('.')[0] or file.name}.{'png' if file.media_type == 'image/png' else 'jpg'}"


def _stream(digest: str) -> IO[bytes]:
    try:
        return store().open(digest)
    except FileNotFoundError as failure:
        raise NotFound from failure

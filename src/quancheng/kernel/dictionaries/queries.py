"""Reads of code lists."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from django.db.models import Q, QuerySet

from quancheng.kernel.dictionaries.models import CodeItem, CodeItemVersion, CodeList
from quancheng.kernel.errors import NotFound
from quancheng.kernel.names import clean


def list_lists() -> QuerySet[CodeList]:
    return CodeList.objects.order_by("code")


def list_all() -> QuerySet[CodeItem]:
    """Entries of every list, list by list."""
    return CodeItem.objects.select_related("code_list").order_by("code_list", "position", "code")


def get_item(item_id: uuid.UUID) -> CodeItem:
    """An entry with its aliases. :raises NotFound: there is none."""
    found = list_all().prefetch_related("aliases").filter(pk=item_id).first()
    if found is None:
        raise NotFound
    return found


def list_items(code_list: str, *, on: date | None = None) -> QuerySet[CodeItem]:
    """Entries in their order: those that count on a day, or all there ever were."""
    found = CodeItem.objects.filter(code_list_id=code_list)
    return (found.on(on) if on else found).order_by("position", "code")


def labels_of(code_list: str) -> Mapping[str, str]:
    """Code to label in the reader's language, also of entries that ended: old rows still show them."""
    return {item.code: item.shown for item in list_items(code_list)}


def find_item(code_list: str, text: str, *, on: date | None = None) -> CodeItem | None:
    """The entry that a person meant: by code, label or alias, white space and quotes aside; None where none."""
    wanted = clean(text).strip("“”\"'「」 ")
    found = list_items(code_list, on=on)
    exact = found.filter(Q(code=wanted) | Q(label=wanted)).first()
    return exact or found.filter(aliases__name=wanted).first()


def history_of(item: CodeItem) -> QuerySet[CodeItemVersion]:
    """How an entry read, newest first."""
    return CodeItemVersion.objects.filter(item=item).select_related("changed_by").order_by("-version")

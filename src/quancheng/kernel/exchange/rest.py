"""What every REST module builds on: strict bodies, pages of rows, refusals, the client's own identifier.

A domain's ``api.py`` holds ``router = Router(tags=[...])``; the house mounts it under ``/api/v1/<label>``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema
from ninja.operation import Operation
from pydantic import ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.once import once

Item = TypeVar("Item")

#: Most rows of one answer, and the deepest row that an offset reaches.
MOST_ROWS = 200
LAST_ROW = 10_000


class Strict(Schema):
    """Base of everything that a program sends: a name or a code that we do not know is an error, not silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _known(cls, value: Any, info: ValidationInfo) -> Any:
        """What the description lists is what is taken; a NUL, which the database cannot store, never is."""
        described = cls.model_fields[info.field_name or ""].json_schema_extra
        codes = described.get("enum") if isinstance(described, dict) else None
        if isinstance(codes, list) and value not in codes:
            known = ", ".join(str(code) for code in codes if code)
            raise _refusal(_("没有这个取值，可用：%(known)s") % {"known": known})
        if isinstance(value, str) and "\0" in value:
            raise _refusal(_("含有不能保存的字符。"))
        return value


def _refusal(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


def one_of(codes: Iterable[str], *, default: str | None = "", description: str = "") -> Any:
    """A field that takes one of these codes and refuses every other; the description for machines lists them.

    :param default: where nothing is sent: the empty text, which asks for nothing; None for what must be sent.
    """
    known = [str(code) for code in codes]
    if default is None:
        return Field(description=description, json_schema_extra={"enum": [*known]})
    words = description or "one of those listed; empty for all"
    return Field(default, description=words, json_schema_extra={"enum": ["", *known] if default == "" else [*known]})


class Problem(Schema):
    """A refusal (RFC 9457). ``fields`` maps a field's path to a sentence; ``facts`` is for machines."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] | None = None
    facts: dict[str, Any] | None = None
    incident: str | None = None


# Ninja wraps the schema of every answer of every operation anew, nine times the same for the refusals: three thousand
# classes and four fifths of the time that a process takes for its first request. One wrapper a schema serves them all.
_wrap = Operation._create_response_model
_wrapped: dict[Any, Any] = {}


def _wrap_once(self: Operation, response_param: Any) -> Any:
    if response_param not in _wrapped:
        _wrapped[response_param] = _wrap(self, response_param)
    return _wrapped[response_param]


Operation._create_response_model = _wrap_once  # type: ignore[method-assign]

#: For ``response={200: ..., **REFUSALS}``.
REFUSALS: dict[Any, Any] = {frozenset({401, 403, 404, 409, 413, 415, 422, 429, 500}): Problem}


class Paging(Strict):
    """Which rows: ``limit`` of them from ``offset`` on. The count costs a query of its own, so it is asked for."""

    limit: int = Field(50, ge=0, le=MOST_ROWS, description="0 to 200 rows")
    offset: int = Field(0, ge=0, le=LAST_ROW, description="rows to pass over, at most 10 000")
    total: bool = Field(False, description="also count all rows")


class Page(Schema, Generic[Item]):
    """Some rows of a list; ``next_offset`` is null on the last page."""

    items: list[Item]
    next_offset: int | None = None
    total: int | None = None


def narrowed(rows: QuerySet[Any], asked: Mapping[str, object]) -> QuerySet[Any]:
    """Rows of which each lookup that was asked for holds; None and the empty text ask for nothing."""
    return rows.filter(**{lookup: value for lookup, value in asked.items() if value not in (None, "")})


def among(rows: QuerySet[Any], wanted: uuid.UUID | None, field: str) -> Any:
    """The row that a body means by its key, out of those that it may mean; None where it means none.

    :raises Invalid: at ``field``, it is none of them.
    """
    if wanted is None:
        return None
    found = rows.filter(pk=wanted).first()
    if found is None:
        raise Invalid(fields={field: NotFound().message})
    return found


@contextmanager
def named_as(**names: str) -> Iterator[None]:
    """Refusals of a service told at the fields of the body: ``rule="rule_id"`` where the service says ``rule``."""
    try:
        yield
    except Invalid as refused:
        told = {names.get(name, name): sentence for name, sentence in refused.fields.items()}
        raise Invalid(refused.message, code=refused.code, fields=told, facts=refused.facts) from refused


def page_of(rows: QuerySet[Any], paging: Paging) -> dict[str, Any]:
    """One page of a scoped query set with a total order: one query, two with the count."""
    found = list(rows[paging.offset : paging.offset + paging.limit + 1]) if paging.limit else []
    more = len(found) > paging.limit
    following = paging.offset + paging.limit
    return {
        "items": found[: paging.limit],
        "next_offset": following if more and following <= LAST_ROW else None,
        "total": rows.order_by().count() if paging.total else None,
    }


def client_id_of(request: HttpRequest) -> uuid.UUID | None:
    """The identifier that the client made for this act (header ``Idempotency-Key``); None where it gave none.

    :raises Invalid: it is no UUID.
    """
    text = request.headers.get("Idempotency-Key", "").strip()
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        sentence = _("请求头 Idempotency-Key 须为 UUID。")
        raise Invalid(sentence, code="bad_client_id", fields={"Idempotency-Key": sentence}) from None


def only_once(
    request: HttpRequest, *, actor: Actor, act: str, body: Mapping[str, Any], make: Callable[[], uuid.UUID]
) -> uuid.UUID:
    """What ``make`` makes, or made when this ``Idempotency-Key`` came first: for acts whose service takes none itself.

    :raises Conflict: the same key with another body or act.
    """
    pk, _made = once(actor=actor, client_id=client_id_of(request), act=act, body=body, now=timezone.now(), make=make)
    return pk

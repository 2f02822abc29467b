"""Expected refusals: what a person did cannot be done, and why, in a full sentence.

They are no errors of ours and are not logged as such; pages and the API map them once, by ``status``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """A refusal with a code for machines and a full sentence for users.

    :param message: what is wrong and what to do next; Chinese source text, lazily translated.
    :param fields: field name to sentence, where the refusal belongs to a field.
    :param facts: what a machine may want besides (present state, who holds it); no personal data.
    """

    code = "refused"
    status = 400
    default_message: Text = _("该操作不能执行。")

    def __init__(
        self,
        message: Text | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Text] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.message: Text = message if message is not None else self.default_message
        self.code = code or type(self).code
        self.fields: dict[str, Text] = dict(fields or {})
        self.facts: dict[str, Any] = dict(facts or {})
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """What was given is malformed, missing, too long or out of range (422)."""

    code, status = "invalid", 422
    default_message = _("填写的内容有误，请按提示修改后再提交。")


class NotSignedIn(DomainError):
    """Nobody is signed in (401)."""

    code, status = "not_signed_in", 401
    default_message = _("请先登录。")


class NotPermitted(DomainError):
    """The row is visible but the duty is missing (403)."""

    code, status = "not_permitted", 403
    default_message = _("您没有执行该操作的职责权限。")


class NotFound(DomainError):
    """Absent, or out of the actor's scope: the answer does not reveal which (404)."""

    code, status = "not_found", 404
    default_message = _("没有找到该记录，它可能不存在或不在您的管辖范围内。")


class StaleState(DomainError):
    """Wrong state, or somebody else moved the row first (409)."""

    code, status = "stale_state", 409
    default_message = _("该记录刚被他人修改，请刷新后重试。")


class Conflict(DomainError):
    """The same client identifier came again with another body, or a unique value is taken (409)."""

    code, status = "conflict", 409
    default_message = _("该请求与先前提交的内容冲突。")


class TooLarge(DomainError):
    """Larger than we accept (413)."""

    code, status = "too_large", 413
    default_message = _("内容过大，无法接收。")


class WrongType(DomainError):
    """A type of content that we do not accept (415)."""

    code, status = "wrong_type", 415
    default_message = _("不支持该文件类型。")


class TooMany(DomainError):
    """More requests than we accept (429)."""

    code, status = "too_many", 429
    default_message = _("操作过于频繁，请稍后再试。")

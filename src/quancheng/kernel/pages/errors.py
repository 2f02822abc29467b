"""Refusals and failures mapped once: pages for people, toasts for htmx, ``problem+json`` under ``/api/``.

Expected refusals (:class:`~quancheng.kernel.errors.DomainError`) are answered by :class:`RefusalMiddleware` and are not
logged as errors. What nobody foresaw gets an incident number, which the log carries too, and no trace.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import DomainError, Invalid, NotFound, NotPermitted, NotSignedIn, TooLarge
from quancheng.kernel.pages.respond import add_toast, is_htmx

log = logging.getLogger("quancheng.incidents")

TITLES = {
    400: gettext_lazy("请求无法识别"),
    401: gettext_lazy("请先登录"),
    403: gettext_lazy("没有权限"),
    404: gettext_lazy("没有找到"),
    405: gettext_lazy("不支持该操作方式"),
    409: gettext_lazy("内容已有变化"),
    413: gettext_lazy("内容过大"),
    415: gettext_lazy("类型不支持"),
    422: gettext_lazy("内容有误"),
    429: gettext_lazy("操作过于频繁"),
    500: gettext_lazy("系统出现故障"),
}
HINTS = {
    401: gettext_lazy("登录后会回到刚才的页面。"),
    403: gettext_lazy("需要该职责时，请联系本单位负责人或系统管理员调整岗位。"),
    404: gettext_lazy("请检查地址，或从台账、搜索中重新进入。"),
    409: gettext_lazy("请返回并刷新，查看当前状态后再操作。"),
    413: gettext_lazy("请压缩或拆分后再提交。"),
    415: gettext_lazy("请换用页面上列出的格式。"),
    422: gettext_lazy("请返回修改后再提交，已填写的内容不会丢失。"),
    429: gettext_lazy("请稍等片刻再试。"),
    500: gettext_lazy("请记下事件编号并告知系统管理员；已保存的内容不受影响。"),
}

Answer = Callable[[HttpRequest], "HttpResponse | Awaitable[HttpResponse]"]


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks: everything under ``/api/``."""
    return request.path.startswith("/api/")


def problem(
    *, status: int, code: str, message: str, fields: Mapping[str, Any] | None = None, **more: Any
) -> JsonResponse:
    """A refusal for a program (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"urn:quancheng:problem:{code}",
        "title": str(TITLES.get(status, HTTPStatus(status).phrase)),
        "status": status,
        "code": code,
        "detail": message,
    }
    if fields:
        body["fields"] = {name: str(text) for name, text in fields.items()}
    body.update({name: value for name, value in more.items() if value})
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def refusal(request: HttpRequest, refused: DomainError) -> HttpResponse:
    """The answer to an expected refusal, in the form that the asker understands."""
    if is_api(request):
        return problem(
            status=refused.status,
            code=refused.code,
            message=str(refused.message),
            fields=refused.fields,
            facts=refused.facts,
        )
    if isinstance(refused, NotSignedIn):
        return _to_sign_in(request)
    return error_page(
        request, status=refused.status, code=refused.code, message=str(refused.message), fields=refused.fields
    )


def error_page(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    message: str,
    fields: Mapping[str, Any] | None = None,
    incident: str = "",
) -> HttpResponse:
    """A page that says what is wrong and what to do next; for htmx a toast, with nothing swapped."""
    if is_htmx(request):
        text = f"{message} {_('事件编号：%(incident)s') % {'incident': incident}}" if incident else message
        response = HttpResponse(status=status, headers={"HX-Reswap": "none"})
        return add_toast(response, text, kind="error" if status >= 500 else "warning")
    context = {
        "status": status,
        "code": code,
        "error_title": TITLES.get(status, TITLES[400]),
        "message": message,
        "hint": HINTS.get(status, ""),
        "fields": {name: str(text) for name, text in (fields or {}).items()},
        "incident": incident,
    }
    # The shell needs the database; a failing one must not turn one failure into two.
    template = "web/error.html" if status < 500 else "web/error_bare.html"
    return HttpResponse(render_to_string(template, context, request if status < 500 else None), status=status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    here = request.get_full_path() if request.method == "GET" and not is_htmx(request) else ""
    if is_htmx(request):
        here = _path_of_page(request)
    url = resolve_url(settings.LOGIN_URL)
    if here and here != "/":
        url = f"{url}?{urlencode({'next': here})}"
    if is_htmx(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _path_of_page(request: HttpRequest) -> str:
    """The path of the page in which htmx runs; empty where the header is not an address of ours."""
    page = request.headers.get("HX-Current-URL", "")
    prefix = f"{request.scheme}://{request.get_host()}"
    return page[len(prefix) :] if page.startswith(prefix + "/") else ""


class RefusalMiddleware:
    """Turns every :class:`DomainError` that a view lets through into its answer."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return refusal(request, exception)
        return None


# The root URL configuration names these as handler400, handler403, handler404, handler500 and CSRF_FAILURE_VIEW. -----


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 where the framework found the request too large."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return refusal(request, TooLarge())
    return refusal(request, _unreadable())


def _unreadable() -> DomainError:
    return DomainError(_("请求的格式无法识别，请返回上一页重试。"), code="bad_request")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, NotPermitted())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not made by our page, or the session ended meanwhile."""
    return refusal(request, NotPermitted(_("页面已过期，请返回并刷新页面后重新提交。"), code="form_expired"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same words for what is absent and for what is out of scope."""
    return refusal(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """A failure of ours: logged under an incident number that the person can pass on."""
    incident = new_incident()
    log.error("incident %s at %s %s", incident, request.method, request.path, exc_info=sys.exc_info())
    message = _("系统出现故障，本次操作没有完成。")
    if is_api(request):
        return problem(status=500, code="incident", message=message, incident=incident)
    return error_page(request, status=500, code="incident", message=message, incident=incident)


def new_incident() -> str:
    """An incident number (事件编号): day and six random characters, e.g. ``20261123-7F3K2M``; no look-alikes."""
    letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    tail = "".join(secrets.choice(letters) for _place in range(6))
    return f"{timezone.localdate():%Y%m%d}-{tail}"


def unknown_parameter(name: str) -> Invalid:
    """An address that names a filter, column or sort that the page does not have."""
    return Invalid(
        _("地址中的条件“%(name)s”无法识别，请从页面上重新选择。") % {"name": name[:60]},
        code="unknown_parameter",
        fields={name[:60]: _("未知的条件")},
    )

"""The REST API under ``/api/v1/``: the kernel's operations and those of every domain that has an ``api.py``.

An app's ``api`` module exposes ``router``; it is mounted under the app's label unless the module names its own
``prefix``. Refusals are ``application/problem+json``, mapped once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation, PathView
from ninja.params.models import FileModel, FormModel, QueryModel
from ninja.renderers import JSONRenderer

from quancheng.kernel.errors import DomainError, Invalid, NotFound, NotPermitted, NotSignedIn, TooLarge, WrongType
from quancheng.kernel.pages.errors import problem, refusal, server_error
from quancheng.kernel.tokens.http import SAFE, SessionActor, TokenActor

NAMESPACE = "api"


class HouseAPI(NinjaAPI):
    """Closed by default, strict about names: an unknown parameter is refused, not passed over."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._described: dict[tuple[str | None, str], Any] = {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        """The description, worked out once for each language: it takes a second."""
        if path_params:
            return super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        key = path_prefix, get_language() or ""
        if key not in self._described:
            self._described[key] = super().get_openapi_schema(path_prefix=path_prefix)
        return self._described[key]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        raise ValueError(f"{operation.view_func.__module__}.{operation.view_func.__name__} names no operation_id")

    def get_operation_url_name(self, operation: Operation, router: Any) -> str:
        """The address's name is the operation's own: unlike function names it is unique."""
        return str(operation.operation_id)

    def _get_urls(self) -> list[Any]:
        patterns = super()._get_urls()
        for bound in self._get_bound_routers():
            for view in _path_views(bound):
                view._not_allowed = _not_allowed(view)  # type: ignore[method-assign]
                for operation in view.operations:
                    operation._get_values = _strict(operation)  # type: ignore[method-assign]
        for pattern in patterns:
            # Whoever is not signed in gets 401 from the operation itself, not the sign-in page.
            pattern.callback.login_required = False  # type: ignore[union-attr]
        return patterns


def _path_views(bound: Any) -> list[PathView]:
    return list(bound.path_operations.values())


def _not_allowed(view: PathView) -> Callable[[], HttpResponse]:
    """405 as a problem, naming what the address does take."""

    def refuse() -> HttpResponse:
        answer = problem(status=405, code="method_not_allowed", message=_("该地址不支持这种请求方式。"))
        answer.headers["Allow"] = ", ".join(sorted({method for each in view.operations for method in each.methods}))
        return answer

    return refuse


class _Plain(JSONRenderer):
    """Chinese as it is, not escaped: answers are half as long and readable."""

    json_dumps_params = {"ensure_ascii": False}


def _strict(operation: Operation) -> Callable[..., Any]:
    """The operation's reading of its input, with unknown names in the address and other content types refused."""
    read = operation._get_values
    known = {name for model in operation.models if issubclass(model, QueryModel) for name in _names(model)}
    takes_forms = any(issubclass(model, FileModel | FormModel) for model in operation.models)

    @functools.wraps(read)
    def checked(request: HttpRequest, path: Any, answer: HttpResponse) -> Any:
        if unknown := sorted(set(request.GET) - known):
            raise Invalid(fields={f"query.{name[:60]}": _("未知的参数") for name in unknown}, code="unknown_parameter")
        if request.method not in SAFE and not takes_forms and request.body:
            kind = request.content_type or ""
            if kind != "application/json":
                raise WrongType(_("请求内容须为 application/json。"))
        return read(request, path, answer)

    return checked


def _names(model: Any) -> list[str]:
    return list(getattr(model, "__ninja_flatten_map__", {}))


def _build() -> HouseAPI:
    api = HouseAPI(
        title="Quancheng 全程",
        version="1",
        description="Whole-course supervision of hazardous chemicals. Refusals are application/problem+json; "
        "creates and moves accept an Idempotency-Key header (UUID).",
        urls_namespace=NAMESPACE,
        renderer=_Plain(),
        auth=[TokenActor(), SessionActor()],
        openapi_url="/openapi.json",
        docs_url=None,
    )
    _map_refusals(api)
    for config in apps.get_app_configs():
        if config.name in settings.OUR_APPS and find_spec(f"{config.name}.api"):
            module = import_module(f"{config.name}.api")
            api.add_router(getattr(module, "prefix", f"/{config.label}"), module.router)
    return api


def _map_refusals(api: NinjaAPI) -> None:
    """Every kind of refusal to its problem; what nobody foresaw to an incident number."""

    def handler(kind: type[Exception]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
        return api.exception_handler(kind)

    @handler(DomainError)
    def refused(request: HttpRequest, refusal_: DomainError) -> HttpResponse:
        answer = refusal(request, refusal_)
        if wait := refusal_.facts.get("retry_after_s"):
            answer.headers["Retry-After"] = str(wait)
        if refusal_.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @handler(ValidationError)
    def malformed(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
        fields = {".".join(_place(error["loc"])): str(error["msg"]) for error in wrong.errors}
        return refused(request, Invalid(fields=fields))

    @handler(HttpError)
    def framework(request: HttpRequest, wrong: HttpError) -> HttpResponse:
        if isinstance(wrong, AuthenticationError):
            return refused(request, NotSignedIn())
        if wrong.status_code == 400:
            return refused(request, Invalid(_("请求内容不是有效的 JSON。"), code="malformed_json"))
        if wrong.status_code == 403:
            return refused(request, NotPermitted())
        return problem(status=wrong.status_code, code="refused", message=wrong.message)

    @handler(Http404)
    def absent(request: HttpRequest, wrong: Http404) -> HttpResponse:
        return refused(request, NotFound())

    @handler(RequestDataTooBig)
    def too_big(request: HttpRequest, wrong: RequestDataTooBig) -> HttpResponse:
        return refused(request, TooLarge())

    @handler(Exception)
    def unforeseen(request: HttpRequest, wrong: Exception) -> HttpResponse:
        return server_error(request)


def _place(location: tuple[Any, ...]) -> list[str]:
    """A field's path as its sender knows it: without the framework's names for our own arguments."""
    source, *rest = (str(part) for part in location)
    return [source, *[part for part in rest if part not in {"payload", "given"}]]


api = _build()

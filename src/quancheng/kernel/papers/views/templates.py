"""Pages of form letters (文书模板)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from quancheng.kernel.errors import DomainError, StaleState
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.papers import queries
from quancheng.kernel.papers.forms import TemplateForm
from quancheng.kernel.papers.services.templates import TemplateSpec, change_template
from quancheng.kernel.papers.templates_data import PLACEHOLDERS
from quancheng.kernel.people.actors import actor_of

DUTY = "papers.templates"


@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    actor_of(request).require(DUTY)
    context = {"templates": queries.list_templates()}
    return respond(request, page="papers/templates.html", part="papers/_templates.html", context=context)


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    actor.require(DUTY)
    row = queries.get_template(code=code)
    initial = {"title": row.title, "body": row.body, "reply_working_days": row.reply_working_days}
    form = TemplateForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if request.POST.get("version") != str(row.version):
                    raise StaleState(_("该模板刚被他人修改，请核对后重新打开再改；您填写的内容仍在下面。"))
                change_template(actor=actor, template=row, spec=TemplateSpec(**form.cleaned_data), now=timezone.now())
                return redirect_to(request, reverse("papers:templates"), toast=_("已保存为新版本。"))
            except DomainError as refused:
                status = tell(form, refused)
    context = {
        "template": row,
        "form": form,
        "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS],
        "versions": queries.template_versions(code=code),
    }
    return respond(request, page="papers/template.html", part="papers/_template.html", context=context, status=status)

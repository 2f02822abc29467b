"""Pages of products: one product with label, code and data sheets; a sheet written, issued, compared."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms import products as forms
from quancheng.domains.registry.models import DataSheet, Product
from quancheng.domains.registry.queries import codes as code_queries
from quancheng.domains.registry.queries import products as queries
from quancheng.domains.registry.services import codes as code_services
from quancheng.domains.registry.services import products as services
from quancheng.domains.registry.services.enterprises import VERIFY, may_keep
from quancheng.domains.registry.views import codes as code_views
from quancheng.domains.registry.views import quality, words
from quancheng.domains.registry.views.keeping import FilePage
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.standards import gb15258


class ProductList(ListPage):
    """Products of the enterprises (产品)."""

    code = "registry.products"
    title = gettext_lazy("产品")
    columns = (
        Column("name", gettext_lazy("产品名称"), link=True, sort="name", card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("registration_no", gettext_lazy("危险化学品登记号"), sort="registration_no", card="meta"),
        Column("certificate_until", gettext_lazy("登记证有效期至"), sort="certificate_until"),
        Column("un_no", gettext_lazy("联合国编号"), sort="un_no"),
        Column("code", gettext_lazy("安全信息码"), value=lambda row: code_services.spelled(row.code.code)),
        Column("ended_date", gettext_lazy("停产停售日期"), sort="ended_date", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("产品、企业、登记号"), pinned=True,
               fields=("name", "english", "file__enterprise__name", "registration_no")),
        Flag(name="unregistered", label=gettext_lazy("只看没有登记号"),
             condition=lambda actor: Q(registration_no="")),
    )  # fmt: skip
    imports = ("registry.products", "registry.own_products")
    empty_title = gettext_lazy("还没有产品")

    def queryset(self, actor: Actor) -> QuerySet[Product]:
        return queries.list_products(actor=actor)

    def url_of(self, row: Product) -> str:
        return reverse("registry:product", args=[row.pk])


class NewProduct(FilePage):
    title = gettext_lazy("增加产品")
    lead = gettext_lazy("保存后即生成安全信息码；以后修改内容，码不会变。")
    form = forms.ProductForm
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"phone": self.file.emergency_phone}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        parts = services.read_parts(given["parts"])
        made = services.enter_product(actor=actor, file=self.file, known=given, parts=parts, now=now)
        return reverse("registry:product", args=[made.pk])


class ProductPage(ObjectPage[Product]):
    """One product: label, data sheets, code, who scanned and who looked."""

    template = "registry/object.html"
    back = (gettext_lazy("产品"), lambda: reverse("registry:products"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Product:
        return queries.get_product(actor=actor, product_id=kwargs["pk"])

    def head(self, row: Product, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_("已停产停售"), "quiet")] if row.ended_date else []
        return ObjectHead(title=row.name, code=code_services.spelled(row.code.code), subtitle=row.english, marks=shown)

    def facts(self, row: Product, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        parts = queries.parts_of(row)
        made_of = "；".join(" ".join(filter(None, (one.chemical.name, queries.content_of(one)))) for one in parts)
        listed = queries.restricted_lists(parts, name=row.name, on=code_queries.today(timezone.now()))
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("成分和含量"), value=made_of, filled_by=own),
            Fact(label=_("危险性类别"), value="；".join(row.hazard_classes), filled_by=own, wide=True),
            Fact(label=_("危险化学品登记号"), value=row.registration_no, filled_by=own),
            Fact(label=_("登记证"), value=words.certificate(row.certificate_no, row.certificate_until)),
            Fact(label=_("国家登记系统信息码链接"), value=row.national_url),
            Fact(label=_("24小时应急咨询电话"), value=row.phone),
            Fact(label=_("包装规格"), value="；".join(row.packages), filled_by=own),
            Fact(label=_("主要用途"), value=row.uses),
            Fact(label=_("运输"), value=words.transport(row.un_no, row.transport_class, row.packing_group),
                 filled_by=own),
            Fact(label=_("灭火剂"), value=row.extinguishing, filled_by=own),
            Fact(label=_("公开范围"), wide=True, value=_("扫码只显示标签（%(lists)s）") % {
                "lists": words.restrictions(listed)} if listed else _("扫码显示标签、急救措施和安全技术说明书")),
        ]  # fmt: skip

    def tabs(self, row: Product, actor: Actor) -> Sequence[Tab]:
        sheets = queries.sheets_of(row)
        return [
            Tab(name="label", label=_("安全标签"), template="registry/_product_label.html",
                context=lambda: self._label(row)),
            Tab(name="sheets", label=_("安全技术说明书"), count=len(sheets), template="registry/_sheets.html",
                context=lambda: {"sheets": sheets}),
            Tab(name="code", label=_("安全信息码"), template="registry/_product_code.html",
                context=lambda: self._code(row)),
            quality.product_tab(row, actor),
            Tab(name="scans", label=_("扫码和查看"), template="registry/_scans.html",
                context=lambda: code_views.scans([row.code])),
        ]  # fmt: skip

    def _label(self, row: Product) -> dict[str, Any]:
        language = translation.get_language() or "zh"
        supplier = row.file.enterprise.name  # type: ignore[union-attr]
        label = queries.label_facts(row, queries.parts_of(row), supplier=supplier, language=language)
        missing = queries.missing_on_label(row, supplier=supplier, address=row.file.registered_address)
        named = {one.key: one.name.in_language(language) for one in gb15258.ELEMENTS}
        return {"label": label, "missing": [named[key] for key in missing]}

    def _code(self, row: Product) -> dict[str, Any]:
        url = code_views.printed_url(self.request, row.code)
        return {"code": row.code, "spelled": code_services.spelled(row.code.code), "url": url,
                "picture": code_views.picture(url), "extensions": code_queries.extensions_of(row.code)}  # fmt: skip

    def history(self, row: Product, actor: Actor) -> Sequence[HistoryLine]:
        return words.changes(row.file, ("product", row.pk))

    def actions(self, row: Product, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        in_use = row.code.withdrawn_at is None
        if may_keep(actor, row.file):
            draft = next((one for one in queries.sheets_of(row) if one.issued_at is None), None)
            if draft is not None:
                url = reverse("registry:sheet", args=[draft.pk])
                found.append(Action(name="write", label=_("继续编写安全技术说明书"), primary=True, url=url))
            else:
                found.append(Action(name="sheet", label=_("新建安全技术说明书版本"), primary=True))
            found += [
                Action(name="change", label=_("修改产品"), asks=True),
            ]  # fmt: skip
            if in_use:
                found.append(Action(name="extend", label=_("增加批次、包装码"), asks=True))
            if not row.ended_date:
                found.append(Action(name="end", label=_("停产停售"), confirm=_("该产品不再生产、销售，确定吗？")))
        supervises = actor.has(VERIFY) and row.file.supervisor_id == actor.organisation_id
        if in_use and (supervises or (found and row.file_id == actor.organisation_id)):
            found.append(Action(name="withdraw", label=_("作废此码"), asks=True))
        return found + quality.actions(row.file, actor, row)

    def form_for(
        self, action: Action, row: Product, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "extend":
            return forms.ExtendForm(data)
        if action.name == "withdraw":
            return forms.WithdrawForm(data)
        if action.name == "change":
            known = {name: getattr(row, name) for name in services.FIELDS}
            known["parts"] = [
                " ".join(filter(None, (one.chemical.name, queries.content_of(one).replace("–", "-"))))
                for one in queries.parts_of(row)
            ]  # fmt: skip
            return words.versioned(forms.ProductForm, data, known, row.version)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Product, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            parts = services.read_parts(given["parts"])
            services.change_product(
                actor=actor, product=row, version=given["version"], changes=given, parts=parts, now=now
            )
        elif name == "sheet":
            services.begin_sheet(actor=actor, product=row, now=now)
        elif name == "extend":
            code_services.extend_code(actor=actor, code=row.code, now=now, **given)
        elif name == "end":
            services.end_product(actor=actor, product=row, now=now)
        elif name == "withdraw":
            code_services.withdraw_code(actor=actor, code=row.code, reason=given["reason"], now=now)
        else:
            raise NotFound


class SheetPage(View):
    """One version of a data sheet with its checks; a draft is written on and issued here."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        sheet = queries.get_sheet(actor=actor, sheet_id=pk)
        return self._show(request, actor, sheet, self._form(sheet) if self._may_write(actor, sheet) else None)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        sheet = queries.get_sheet(actor=actor, sheet_id=pk)
        form = forms.SheetForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, actor, sheet, form, status=422)
        given = form.cleaned_data
        whole = given["whole"].strip()
        sections = queries.split_text(whole) if whole else [given[f"section_{number}"] for number in range(1, 17)]
        try:
            if whole and not any(sections):
                raise Invalid(fields={"whole": _("没有找到任何一个部分的标题，请核对粘贴的内容。")})
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            sheet = services.write_sheet(
                actor=actor, sheet=sheet, version=given["version"], sections=sections,
                revision_date=given["revision_date"], evidence=evidence, now=now,
            )  # fmt: skip
            if request.POST.get("act") == "issue":
                services.issue_sheet(actor=actor, sheet=sheet, version=sheet.version, now=now)
        except DomainError as refused:
            status = tell(form, refused)
            if sheet.version != given["version"]:
                # What was typed is saved, only the issue was refused: the next attempt goes on from there.
                typed = request.POST.copy()
                typed["version"] = str(sheet.version)
                form.data = typed
            return self._show(request, actor, sheet, form, status=status)
        done = _("已发布第%(number)s版。") if sheet.issued_at else _("草稿已保存（第%(number)s版）。")
        return redirect_to(
            request, reverse("registry:sheet", args=[sheet.pk]), toast=done % {"number": sheet.number}
        )  # fmt: skip

    def _may_write(self, actor: Actor, sheet: DataSheet) -> bool:
        return sheet.issued_at is None and may_keep(actor, sheet.product.file)

    def _form(self, sheet: DataSheet) -> forms.SheetForm:
        known: dict[str, Any] = {f"section_{number}": text for number, text in enumerate(sheet.sections, 1)}
        return forms.SheetForm(initial={**known, "version": sheet.version, "revision_date": sheet.revision_date})

    def _show(
        self, request: HttpRequest, actor: Actor, sheet: DataSheet, form: forms.SheetForm | None, *, status: int = 200
    ) -> HttpResponse:
        language = translation.get_language() or "zh"
        views, whole = queries.sections_of(sheet, on=code_queries.today(timezone.now()), language=language)
        context = {
            "sheet": sheet, "product": sheet.product, "form": form, "whole": whole, "files": list(files_of(sheet)),
            "sections": [(one, form[f"section_{one.number}"] if form else None) for one in views],
            "others": [one for one in queries.sheets_of(sheet.product) if one.pk != sheet.pk],
        }  # fmt: skip
        return render(request, "registry/sheet.html", context, status=status)


class ComparePage(View):
    """Two versions of one sheet beside each other, section by section."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, other: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        one, two = (queries.get_sheet(actor=actor, sheet_id=each) for each in (pk, other))
        if one.product_id != two.product_id:
            raise NotFound
        older, newer = sorted((one, two), key=lambda each: each.number)
        changes = queries.compare(older, newer, language=translation.get_language() or "zh")
        context = {"product": one.product, "older": older, "newer": newer, "changes": changes,
                   "changed": sum(1 for each in changes if each.lines)}  # fmt: skip
        return render(request, "registry/sheet_compare.html", context)


"""What is printed: labels in the sizes of GB 15258, and posters with a code on one sheet of A4."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views import View

from quancheng.domains.registry.models import Enterprise, Product
from quancheng.domains.registry.queries import codes as code_queries
from quancheng.domains.registry.queries import enterprises as enterprise_queries
from quancheng.domains.registry.queries import products as queries
from quancheng.domains.registry.services import codes as services
from quancheng.domains.registry.services.products import litres_of
from quancheng.domains.registry.views import codes as code_views
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.actors import actor_of
from quancheng.standards import gb15258

#: Labels of one kind on a page of ours; more are printed as copies.
_MOST = 40
#: Where nobody says the volume: the label of a package of 50 L.
_ANY = Decimal(50)


class LabelForm(forms.Form):
    package = forms.ChoiceField(label=_("包装规格"), required=False)
    copies = forms.IntegerField(label=_("份数"), min_value=1, max_value=_MOST, required=False)
    x = forms.ChoiceField(label=_("扩展码"), required=False)

    def __init__(self, *args: Any, product: Product, extensions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        volumes = [("0.1 L", "≤0.1 L"), ("3 L", "≤3 L"), ("50 L", "≤50 L"), ("500 L", "≤500 L"), ("1000 L", "≤1000 L"),
                   ("1001 L", ">1000 L")]  # fmt: skip
        own = [(one, one) for one in product.packages]
        self.fields["package"].choices = [*own, *volumes]  # type: ignore[attr-defined]
        self.fields["x"].choices = [("", "—"), *((one, one) for one in extensions)]  # type: ignore[attr-defined]


class LabelPrint(View):
    """The label for a package: the smallest size that its volume allows, the simplified one up to 100 mL."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        product = queries.get_product(actor=actor_of(request), product_id=pk)
        _in_use(product)
        language = translation.get_language() or "zh"
        extensions = [one.text for one in code_queries.extensions_of(product.code)]
        form = LabelForm(request.GET or None, product=product, extensions=extensions)
        is_good = form.is_bound and form.is_valid()
        given = form.cleaned_data if is_good else {}
        package = given.get("package") or (product.packages[0] if product.packages else "")
        litres = litres_of(package) or _ANY
        size = gb15258.smallest_size(litres)
        supplier = product.file.enterprise.name  # type: ignore[union-attr]
        url = code_views.printed_url(request, product.code, given.get("x") or "")
        context = {
            "product": product, "form": form, "package": package, "size": size, "is_simple": size is None,
            "size_class": f"lab-{size.short}" if size else "lab-simple", "copies": range(given.get("copies") or 1),
            "label": queries.label_facts(product, queries.parts_of(product), supplier=supplier, language="zh"),
            "address": product.file.registered_address, "picture": code_views.picture(url),
            "spelled": services.spelled(product.code.code), "extension": given.get("x") or "", "language": language,
        }  # fmt: skip
        status = 422 if form.is_bound and not is_good else 200
        return render(request, "registry/label_print.html", context, status=status)


class ProductPoster(View):
    """One product's code on A4 for where it is kept: both languages, its hazards, its line answered at all hours."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        product = queries.get_product(actor=actor_of(request), product_id=pk)
        _in_use(product)
        parts = queries.parts_of(product)
        supplier = product.file.enterprise.name  # type: ignore[union-attr]
        both = [queries.label_facts(product, parts, supplier=supplier, language=one) for one in ("zh", "en")]
        url = code_views.printed_url(request, product.code)
        context = {"product": product, "label": both[0], "english": both[1], "picture": code_views.picture(url),
                   "url": url, "spelled": services.spelled(product.code.code), "name": product.name,
                   "phone": product.phone, "file": product.file}  # fmt: skip
        return render(request, "registry/poster.html", context)


class SitePoster(View):
    """The enterprise's own code on A4 for its gate."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        file: Enterprise = enterprise_queries.get_enterprise(actor=actor_of(request), file_id=pk)
        code = next((one for one in code_queries.codes_of(file) if one.product_id is None), None)
        if code is None or code.withdrawn_at is not None:
            raise NotFound
        url = code_views.printed_url(request, code)
        public = code_queries.public_enterprise(file, on=code_queries.today(timezone.now()), language="zh")
        context = {"file": file, "name": public.name, "phone": public.phone, "public": public, "url": url,
                   "picture": code_views.picture(url), "spelled": services.spelled(code.code)}  # fmt: skip
        return render(request, "registry/poster.html", context)


def _in_use(product: Product) -> None:
    """A withdrawn code is printed no more. :raises NotFound: it was."""
    if product.code.withdrawn_at is not None:
        raise NotFound

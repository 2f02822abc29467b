"""A product with its data sheet, entered by pages as an enterprise does."""

from __future__ import annotations

from typing import Any

from django.test import Client

from quancheng.domains.registry.models import DataSheet, Enterprise, Product
from quancheng.standards.gbt16483 import TITLES

#: A sheet as people paste it; it names an address, people and mobile numbers, as sheets do.
SHEET = "\n".join(
    f"第{number}部分 {title.zh}\n{body}"
    for number, (title, body) in enumerate(
        zip(
            TITLES,
            [
                "产品名称：示例产品\n企业地址：示例省示例区甲街道示例路1号\n联系人：标记某甲\n"
                "应急咨询电话：0999-1234567（24小时）\n"
                "本厂位于甲街道示例路1号院内，找标记某甲，手机13800001111。",
                "信号词：危险\n易燃液体,类别2", "见标签。", "吸入：移至空气新鲜处。\n皮肤：用清水冲洗。",
                "用泡沫灭火。", "切断火源。", "远离火种。", "戴防护手套。", "无色液体。", "稳定。", "见毒理数据。",
                "对水有害。", "按规定处置。", "联合国编号：1173", "遵守有关法规。", "编制人：标记某乙",
            ],
            strict=True,
        ),
        1,
    )
)  # fmt: skip


def enter_product(client: Client, **given: Any) -> Product:
    """A product of no regulated list, unless its parts say otherwise."""
    whole = {"name": "示例清洗剂", "parts": "乙酸乙酯 30%", "phone": "0999-1234567", "packages": "铁桶 200 L",
             "hazard_classes": "易燃液体,类别2", **given}  # fmt: skip
    if "hazard_classes" not in given and given.get("parts"):
        whole.pop("hazard_classes")
    file = Enterprise.objects.get()
    answer = client.post(f"/registry/enterprises/{file.pk}/products/new", whole)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return Product.objects.get(name=whole["name"])


def issue_sheet(client: Client, product: Product, **sections: str) -> DataSheet:
    """A new version, issued."""
    client.post(f"/registry/products/{product.pk}", {"act": "sheet"})
    draft = DataSheet.objects.get(product=product, issued_at__isnull=True)
    full = {f"section_{number}": f"第{number}段" for number in range(1, 17)} | sections
    answer = client.post(
        f"/registry/sheets/{draft.pk}",
        {"version": draft.version, "act": "issue", "revision_date": "2026-08-01", **full},
    )
    assert answer.status_code == 303, answer.content.decode()[:3000]
    draft.refresh_from_db()
    return draft


def paste_sheet(client: Client, product: Product) -> DataSheet:
    """:data:`SHEET`, issued."""
    client.post(f"/registry/products/{product.pk}", {"act": "sheet"})
    draft = DataSheet.objects.get(product=product, issued_at__isnull=True)
    answer = client.post(f"/registry/sheets/{draft.pk}", {
        "version": draft.version, "act": "issue", "revision_date": "2026-08-01", "whole": SHEET})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[:3000]
    draft.refresh_from_db()
    return draft

"""The demo's products with their codes, data sheets and packages (一企一品一码)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import SafetyCode
from quancheng.domains.registry.services import codes, passes, products
from quancheng.domains.registry.services.products import read_parts

_LINE = "0990-5550199"
_FLAMMABLE = {
    "prevention": "远离热源、火花和明火；容器和接收设备接地；只能使用不产生火花的工具；戴防护手套。",
    "response": "皮肤接触：立即脱去污染衣物，用水冲洗。火灾时：用抗溶性泡沫、干粉或二氧化碳灭火。",
    "storage": "存放在通风良好、阴凉处；保持容器密闭。",
    "disposal": "按危险废物交有资质单位处置。",
    "extinguishing": "抗溶性泡沫、干粉、二氧化碳",
}
_GAS = {
    "prevention": "远离热源和明火；气瓶直立固定，防止倾倒；开阀须缓慢。",
    "response": "泄漏着火：除非能安全切断气源，不要灭火；用水冷却气瓶。",
    "storage": "避免日晒，存放在通风良好处；与氧化剂分库。",
    "disposal": "空瓶留余压，退回充装单位。",
    "extinguishing": "雾状水、干粉、二氧化碳",
}


@dataclass(frozen=True, slots=True)
class _Product:
    """:param batches: batch and day before today on which it was made."""

    firm: str
    name: str
    parts: tuple[str, ...]
    known: Mapping[str, Any]
    sheet: Mapping[int, str] = field(default_factory=dict)
    batches: tuple[tuple[str, int], ...] = ()
    versions: int = 1


_DEPOT, _FINE, _GASES = "青岚区蓝湾石化储运有限公司", "临澜青禾精细化工有限公司", "青岚区东湖气体充装站"
_PRODUCTS = (
    _Product(
        _FINE, "QH-201 聚氨酯稀释剂", ("甲苯 40-50%", "乙酸乙酯 30-40%", "丙酮 10-20%"),
        {"english": "QH-201 polyurethane thinner", "uses": "涂料稀释", "packages": ["铁桶 200 L", "铁桶 20 L"],
         "hazard_classes": ["易燃液体,类别2", "皮肤腐蚀/刺激,类别2", "生殖毒性,类别2"], "un_no": "1263",
         "transport_class": "3", "packing_group": "II", "isolation_m": 50, "protection_m": 300,
         "distance_source": "本企业应急预案附件三（演示）", **_FLAMMABLE},
        {2: "高度易燃液体和蒸气；造成皮肤刺激；怀疑对生育能力或胎儿造成伤害。",
         3: "甲苯40%至50%，乙酸乙酯30%至40%，丙酮10%至20%。"},
        (("B2611-03", 12), ("B2611-07", 5)), versions=2,
    ),
    _Product(
        _FINE, "工业甲醇", ("甲醇 99.9%",),
        {"english": "Methanol", "uses": "有机合成原料", "packages": ["槽车 30 m³", "吨桶 1000 L"],
         "transport_class": "3(6.1)", "packing_group": "II", **_FLAMMABLE},
        {2: "高度易燃液体和蒸气；吞咽、接触皮肤、吸入会中毒；损害视觉器官。", 3: "甲醇，CAS 67-56-1，不低于99.9%。"},
        (("M2611-01", 20),),
    ),
    _Product(
        _GASES, "溶解乙炔", ("乙炔 98%",),
        {"english": "Acetylene, dissolved", "uses": "金属焊接与切割", "packages": ["钢瓶 40 L"],
         "transport_class": "2.1", **_GAS},
        {2: "极易燃气体；内装加压气体，遇热可能爆炸；无空气也可能分解爆炸。", 3: "乙炔，溶于丙酮，纯度不低于98%。"},
        (("C2610-22", 33),),
    ),
    _Product(
        _GASES, "工业氧气", ("氧[压缩的或液化的] 99.2%",),
        {"english": "Oxygen, compressed", "uses": "助燃、焊割", "packages": ["钢瓶 40 L"],
         "transport_class": "2.2(5.1)", **_GAS, "extinguishing": "雾状水；不得用油脂类灭火工具"},
    ),
    _Product(
        _DEPOT, "92号车用汽油", ("汽油 100%",),
        {"english": "Gasoline 92", "uses": "车用燃料", "packages": ["槽车 30 m³"], "transport_class": "3",
         "packing_group": "II", **_FLAMMABLE},
        {2: "高度易燃液体和蒸气；可能致癌；吞咽并进入呼吸道可能致命。", 3: "车用汽油，烃类混合物。"},
    ),
)  # fmt: skip
#: What stands in each of the sixteen sections where the product says nothing of its own.
_SECTIONS = (
    "产品名称：{name}。企业：{firm}。应急咨询电话：{line}（24小时）。",
    "见标签所列危险性类别和警示语。",
    "见产品成分表。",
    "吸入：移到空气新鲜处，呼吸停止时施行人工呼吸，就医。眼睛接触：提起眼睑，用流动清水冲洗15分钟，就医。食入：不要催吐，就医。",
    "灭火剂：{extinguishing}。消防人员佩戴空气呼吸器，在上风向灭火，喷水冷却容器。",
    "切断火源，人员向上风向撤离，穿防静电服；少量泄漏用砂土吸收；大量泄漏构筑围堤，防止进入下水道。",
    "密闭操作，全面通风，设备接地；储存于阴凉、通风的库房，与氧化剂分开存放。",
    "佩戴过滤式防毒面具（半面罩）、化学安全防护眼镜、防静电工作服和橡胶手套。",
    "外观与性状、沸点、闪点、爆炸极限见企业检验报告（演示资料）。",
    "常温下稳定。避免接触强氧化剂、明火和高热。",
    "高浓度蒸气有麻醉作用；长期接触应定期职业健康检查。",
    "对水生生物可能有害，避免排入环境。",
    "交有危险废物经营许可证的单位处置，包装物清洗后回收。",
    "联合国编号：UN {un}。类别：{transport}。运输车辆配备相应灭火器材。",
    "列入《危险化学品目录》的组分按《危险化学品安全管理条例》管理。",
    "本说明书为演示资料，不用于真实作业。",
)


def load(desk: Desk) -> None:
    """Products with sheets and codes; then what people did with the codes."""
    for one in _PRODUCTS:
        _enter(desk, one)
    code = SafetyCode.objects.get(product__name="QH-201 聚氨酯稀释剂")
    for days in (30, 21, 12, 9, 5, 2, 1):
        for _time in range(2 + days % 3):
            codes.count_scan(code=code, extension="", now=desk.ago(days))
    officer = desk.actor("officer")
    passes.open_pass(
        actor=officer, file=desk.files[_FINE], product=code.product, looker="driver", holder="演A·00128挂车驾驶员",
        reason="途中核对装卸要求", hours=2, now=desk.ago(9),
    )  # fmt: skip


def _enter(desk: Desk, one: _Product) -> None:
    who, file, at = desk.keeper(one.firm), desk.files[one.firm], desk.ago(180)
    known = {
        "name": one.name, "phone": _LINE, "registration_no": f"9901{desk.count():06d}",
        "certificate_no": f"演示证{desk.count():05d}", "certificate_until": desk.date_in(240), **one.known,
    }  # fmt: skip
    product = products.enter_product(actor=who, file=file, known=known, parts=read_parts(one.parts), now=at)
    words = {
        "name": one.name, "firm": one.firm, "line": _LINE, "extinguishing": product.extinguishing,
        "un": product.un_no, "transport": product.transport_class,
    }  # fmt: skip
    for version in range(1, one.versions + 1 if one.sheet else 1):
        when = at + timedelta(days=60 * (version - 1))
        texts = [one.sheet.get(number, text).format(**words) for number, text in enumerate(_SECTIONS, 1)]
        if version > 1:
            texts[3] += "误食后保留容器标签交医生查看。"
        draft = products.begin_sheet(actor=who, product=product, now=when)
        draft = products.write_sheet(
            actor=who, sheet=draft, version=draft.version, sections=texts, revision_date=when.date(), evidence=(),
            now=when,
        )  # fmt: skip
        products.issue_sheet(actor=who, sheet=draft, version=draft.version, now=when)
    code = SafetyCode.objects.get(product=product)
    for batch, days in one.batches:
        made = desk.ago(days)
        codes.extend_code(
            actor=who, code=code, kind="batch", text=batch, produced_date=made.date(), package="", now=made
        )  # fmt: skip

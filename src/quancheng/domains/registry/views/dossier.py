"""The whole file of an enterprise as one report: each block with its date and source, what is missing first.

It is drawn from the same queries and words as the file's page, for the same actor: what he may not see is not in it,
and telephone numbers stay masked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.queries import expenses, places, storage
from quancheng.domains.registry.queries import products as product_queries
from quancheng.domains.registry.queries import projects as project_queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.queries.timeline import timeline
from quancheng.domains.registry.services.dossier import note_dossier
from quancheng.domains.registry.views import rights, words
from quancheng.domains.registry.views import timeline as timeline_views
from quancheng.domains.registry.views.enterprises import EnterprisePage, masked
from quancheng.domains.registry.views.facilities import calculation
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.longwork.kinds import Outcome, Run
from quancheng.kernel.pages.times import date_text, time_text
from quancheng.kernel.pages.words import told
from quancheng.kernel.papers.render.blocks import Block, Heading, KeyValues, Paragraph, Table
from quancheng.kernel.papers.render.paper import ReportDoc
from quancheng.kernel.papers.render.pdf import render_report_pdf

#: Rows of one table; a file has more only where it is a register of its own, which lists export.
_MOST = 500
PDF = "application/pdf"


def run_dossier(run: Run) -> Outcome:
    """The PDF for the person who asked, as he sees the file now."""
    file = queries.get_enterprise(actor=run.actor, file_id=uuid.UUID(str(run.params["file"])))
    report = dossier(actor=run.actor, file=file, now=run.now)
    run.progress.step()
    path = run.folder / "dossier.pdf"
    path.write_bytes(render_report_pdf(report))
    run.progress.step()
    day = timezone.localtime(run.now)
    parts = sum(isinstance(one, Heading) and one.level == 1 for one in report.blocks)
    return Outcome(
        message=_("档案已生成，共%(count)s节。") % {"count": parts},
        file=path,
        name=f"{_('企业档案')}-{file.enterprise.name}-{day:%Y%m%d}.pdf",  # type: ignore[union-attr]
        media_type=PDF,
        finish=lambda: note_dossier(actor=run.actor, file=file, parts=parts, now=timezone.now()),
    )


def dossier(*, actor: Actor, file: Enterprise, now: datetime) -> ReportDoc:
    """The report in the language that is active."""
    blocks: list[Block] = []
    for part in (_gaps, _facts, _units, _stock, _storage, _hazards, _calculations, _surroundings, _licences, _posts,
                 _expenses, _people, _products, _leases, _projects, _timeline):  # fmt: skip
        blocks += part(file, actor, now)
    return ReportDoc(
        title=_("企业档案（一企一档）"),
        subtitle=f"{file.enterprise.name} {file.enterprise.credit_code or ''}".strip(),  # type: ignore[union-attr]
        prepared_by=_("%(who)s 导出，%(at)s") % {"who": actor.name, "at": time_text(now)},
        date=timezone.localtime(now).date(), blocks=tuple(blocks), cover=True, contents=True, is_demo=is_demo(),
        language="en" if (translation.get_language() or "zh").startswith("en") else "zh",
    )  # fmt: skip


# Parts -----------------------------------------------------------------------------------------------------------


def _gaps(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    page = EnterprisePage()
    told = [str(one.text) for one in page.more_context(file, actor)["findings"]]
    told += [
        _("%(label)s：待%(who)s填写。") % {"label": fact.label, "who": fact.filled_by}
        for fact in page.facts(file, actor) if fact.is_gap and fact.filled_by
    ]  # fmt: skip
    lines = [Paragraph(f"{number}. {text}") for number, text in enumerate(told, 1)] or [Paragraph(_("没有发现。"))]
    return [*_head(_("需要处理和待补充"), now, _("按档案现有内容自动核对")), *lines]


def _facts(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    page = EnterprisePage()
    head = page.head(file, actor)
    pairs = [(_("企业名称"), _text(head.title)), (_("统一社会信用代码"), head.code),
             (_("企业类别"), _text(head.subtitle)), (_("经营状态"), file.get_life_display())]  # fmt: skip
    pairs += [(str(fact.label), _text(fact.value)) for fact in page.facts(file, actor)]
    source = _("企业填报，%(state)s") % {
        "state": _("%(day)s 核验") % {"day": words.day(file.verified_at)} if file.verified_at else _("未核验")
    }
    return [*_head(_("基本情况"), file.updated_at, source), KeyValues(tuple(pairs))]


def _units(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    units = rights.rights_of(file).units
    rows = [
        (f"{one.code} {one.name}", one.get_kind_display(), words.graded(one.legal_grade, one.legal_s, one.legal_r),
         words.graded(one.present_grade, one.present_s, one.present_r))
        for one in units
    ]  # fmt: skip
    facilities = list(queries.list_facilities(actor=actor).filter(unit__file=file))
    places = [
        (f"{one.unit.code} / {one.code} {one.name}", one.get_kind_display(), shown(one.volume_m3),
         one.get_design_display(), _protections(one),
         _("%(day)s 退役") % {"day": date_text(one.decommissioned_date)} if one.decommissioned_date else "")
        for one in facilities
    ]  # fmt: skip
    moments = [one.created_at for one in units] + [one.created_at for one in facilities]
    newest = max(moments, default=file.updated_at)
    return [
        *_head(_("单元和设施"), newest, _("企业填报")),
        *_table((_("单元"), _("类别"), _("法定等级"), _("现状等级")), rows, (3, 1.4, 2.6, 2.6)),
        *_table((_("设施"), _("类别"), _("容积（立方米）"), _("设计情况"), _("四项防护"), _("备注")), places,
                (3, 1.4, 1.2, 1.4, 2.4, 1.4)),
    ]  # fmt: skip


def _protections(one: Facility) -> str:
    told = []
    for name in ("alarm", "shut_off", "earthing", "inerting"):
        label = Facility._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        told.append(f"{label} {getattr(one, f'get_{name}_display')() or '—'}")
    return "\n".join(told) if any((one.alarm, one.shut_off, one.earthing, one.inerting)) else "—"


def _stock(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    holdings = rights.rights_of(file).holdings
    rows = [
        (f"{one.facility.code}", one.product or one.chemical.name, one.chemical.cas, shown(one.licensed_t),
         shown(one.design_t), shown(one.present_t), words.stamp(one.present_at, one.present_by))
        for one in holdings
    ]  # fmt: skip
    newest = max((one.present_at for one in holdings if one.present_at), default=file.updated_at)
    quantities = (_("许可量（吨）"), _("设计最大量（吨）"), _("实际存量（吨）"))
    heads = (_("设施"), _("化学品"), "CAS", *quantities, _("存量时间"))
    return [*_head(_("存量"), newest, _("企业填报、出入库和盘点记录")),
            *_table(heads, rows, (1.3, 2.4, 1.8, 1.2, 1.3, 1.3, 2))]  # fmt: skip


def _storage(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    judged = rights.rights_of(file).stored
    rows = [
        (storage.sentence(one), told(one.way) if one.way else "", told(one.clause),
         words.mark(one.mark))
        for one in [*judged.faults, *judged.cares]
    ]  # fmt: skip
    found = _table((_("情况"), _("存放要求"), _("依据"), _("可信程度")), rows, (4, 2, 3, 1.6))
    doubts = [Paragraph(told(one)) for one in judged.doubts]
    return [*_head(_("储存核对"), now, _("按存量和设计量自动核对")), *found, *doubts]


def _hazards(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    hazards = queries.hazards_of(actor=actor, file=file)
    rows = [
        (one.code, one.unit.name, words.hazard(one.grade), shown(one.r), one.status_label, one.number,
         date_text(one.reassess_date) if one.reassess_date else "")
        for one in hazards
    ]  # fmt: skip
    newest = max((one.updated_at for one in hazards), default=file.updated_at)
    heads = (_("编号"), _("单元"), _("等级"), "R", _("状态"), _("备案编号"), _("下次评估日期"))
    return [*_head(_("重大危险源"), newest, _("辨识计算和备案记录")), *_table(heads, rows)]


def _calculations(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    units = [one for one in rights.rights_of(file).units if one.ended_date is None]
    blocks: list[Block] = []
    newest = file.updated_at
    for unit in units:
        for basis in (Basis.LEGAL, Basis.PRESENT):
            if (told := _calculation(unit, basis)) is not None:
                at, more = told
                newest = max(newest, at) if blocks else at
                blocks += more
    head = _head(_("辨识分级计算书"), newest, _("GB 18218-2018，按登记内容自动计算"))
    return [*head, *(blocks or [Paragraph(_("还没有计算。"))])]


def _calculation(unit: Unit, basis: str) -> tuple[datetime, list[Block]] | None:
    made = queries.newest_assessment(unit, basis)
    if made is None:
        return None
    told = calculation(made)
    rows = [
        (one["name"], one["q_t"] or "—", one["Q_t"] or "—", one["ratio"] or "—", one["beta"] or "—",
         "\n".join(filter(None, (one["clause"], one["why"]))))
        for one in told["terms"]
    ]  # fmt: skip
    sentence = _("按现有设计量计算的等级降低了，但没有设施退役记录或核销决定，法定等级保持不变。")
    held = [Paragraph(sentence)] if made.is_held else []
    return made.at, [
        Heading(2, f"{unit.code} {unit.name} · {made.get_basis_display()}"),
        Paragraph(f"{made.edition} · {time_text(made.at)} · {told['because']} · {made.by_name}", indent=False),
        *held,
        *_table((_("化学品"), "q (t)", "Q (t)", "q/Q", "β", _("依据")), rows, (2, 1.2, 1.2, 1.3, 0.7, 4)),
        *(Paragraph(str(line)) for line in told["sums"]),
        *([Paragraph(_("未能确定的事项："))] if told["doubts"] else []),
        *(Paragraph(str(line)) for line in told["doubts"]),
    ]


def _surroundings(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    point = words.point(file.lon, file.lat)
    near = places.near_file(file)
    rows = [
        (one.place.name, one.place.get_kind_display(), str(one.metres),
         "—" if one.place.population is None else str(one.place.population),
         f"{one.place.source} {date_text(one.place.source_date) if one.place.source_date else ''}")
        for one in near or ()
    ]  # fmt: skip
    where = _("位置（CGCS2000，经度、纬度）：%(point)s") % {"point": point} if point else _("没有填报位置。")
    people = words.people(file)
    exposed = [Paragraph(_("厂界外500米常住人口：%(people)s") % {"people": people})] if people else []
    heads = (_("敏感目标"), _("类别"), _("距离（米）"), _("人数"), _("数据来源"))
    source = _("企业位置和敏感目标登记，按球面距离计算")
    return [*_head(_("位置和周边敏感目标"), now, source), Paragraph(where), *exposed,
            *_table(heads, rows, (3, 2, 1, 1, 2.4))]  # fmt: skip


def _licences(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    known = rights.rights_of(file)
    rows = []
    for row in known.matrix:
        one = row.licence
        until = "" if one is None else date_text(one.valid_to) if one.valid_to else words.endless()
        rows.append((words.licence_kind(row.kind.code), words.licence_state(row.state), one.number if one else "",
                     until, one.issuer if one else "", row.kind.basis))  # fmt: skip
    newest = max((one.updated_at for one in known.licences), default=file.updated_at)
    heads = (_("证照种类"), _("状态"), _("证号"), _("有效期止"), _("发证机关"), _("依据"))
    return [*_head(_("证照"), newest, _("企业填报，按企业类别对照法定要求")),
            *_table(heads, rows, (2.4, 1, 2, 1.3, 2, 2))]  # fmt: skip


def _posts(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    rows = [
        (words.post_name(row.post.code), str(row.requirement.count) if row.requirement else "—", str(row.lacking),
         "\n".join(f"{one.name} {words.certificate(one.certificate_no, one.valid_to)}".strip() for one in row.holders)
         or "—", row.post.basis)
        for row in rights.rights_of(file).posts
    ]  # fmt: skip
    heads = (pgettext("post", "岗位"), _("应有"), _("缺"), _("任职人员"), _("依据"))
    return [*_head(_("法定岗位"), now, _("企业填报，按企业类别对照法定要求")),
            *_table(heads, rows, (2, 0.6, 0.6, 3, 2.4))]  # fmt: skip


def _expenses(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    years = expenses.expenses_of(file)
    rows = [(str(one.year), words.money(one.due), words.money(one.drawn), words.money(one.used)) for one in years]
    newest = max((one.updated_at for one in years), default=file.updated_at)
    heads = (_("年度"), _("应提取（元）"), _("已提取（元）"), _("已使用（元）"))
    return [*_head(_("安全费用"), newest, _("企业填报，按提取标准计算")), *_table(heads, rows)]


def _people(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    rows = [
        (one.get_role_display(), one.name, one.post, masked(one.phone),
         date_text(one.since_date) if one.since_date else "")
        for one in queries.contacts_of(file)
    ]  # fmt: skip
    heads = (_("人员类别"), _("姓名"), _("职务"), _("电话（已隐去）"), _("任职日期"))
    return [*_head(_("责任人员"), file.updated_at, _("企业填报")), *_table(heads, rows)]


def _products(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    made = product_queries.products_of(file)
    rows = [
        (one.name, one.english, one.registration_no,
         words.transport(one.un_no, one.transport_class, one.packing_group),
         date_text(one.ended_date) if one.ended_date else "")
        for one in made
    ]  # fmt: skip
    heads = (_("产品名称"), _("英文名"), _("危险化学品登记号"), _("运输"), _("停产停售日期"))
    return [*_head(_("产品"), file.updated_at, _("企业填报")), *_table(heads, rows)]


def _leases(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    rows = [
        (one.landlord_name, one.place, one.use,
         " – ".join(date_text(day) for day in (one.from_date, one.to_date) if day),
         _("是") if one.has_agreement else _("否"))
        for one in file.leases.order_by("pk")
    ]  # fmt: skip
    heads = (_("出租方"), _("承租场所"), _("用途"), _("租期"), _("已签订安全生产管理协议"))
    return [*_head(_("租赁"), file.updated_at, _("企业填报")), *_table(heads, rows)]


def _projects(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    found = list(project_queries.list_projects(actor=actor).filter(enterprise=file.pk))
    rows = [(one.code, one.title, one.get_kind_display(), one.status_label, time_text(one.status_at)) for one in found]
    newest = max((one.updated_at for one in found), default=file.updated_at)
    heads = (_("编号"), _("项目名称"), _("建设性质"), _("状态"), _("进入状态时间"))
    return [*_head(_("建设项目"), newest, _("审查记录")), *_table(heads, rows, (1.4, 3, 1, 1.6, 1.8))]


def _timeline(file: Enterprise, actor: Actor, now: datetime) -> list[Block]:
    events, has_more = timeline(actor=actor, file=file)
    told = [timeline_views.told(one) for one in events]
    rows = [
        (time_text(one.at), str(one.source), " ".join(filter(None, (one.what, one.note)))[:400], one.who)
        for one in told
    ]  # fmt: skip
    more = [Paragraph(_("较早的记录见系统中的时间线。"))] if has_more else []
    newest = events[0].at if events else file.updated_at
    heads = (_("时间"), _("来源"), _("事项"), _("办理人"))
    return [*_head(_("时间线"), newest, _("系统记录")), *_table(heads, rows, (1.8, 1.6, 5, 1.4)), *more]


# Blocks ----------------------------------------------------------------------------------------------------------


def _head(title: str, at: datetime, source: str) -> list[Block]:
    """A chapter's heading with the date of its newest datum and where it comes from."""
    line = _("数据时间：%(at)s；来源：%(source)s") % {"at": time_text(at), "source": source}
    return [Heading(1, title), Paragraph(line, indent=False)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float] = ()) -> Iterable[Block]:
    if not rows:
        return [Paragraph(_("没有记录。"))]
    body = tuple(tuple(_text(cell) or "—" for cell in row) for row in rows[:_MOST])
    left = len(rows) - len(body)
    more = [Paragraph(_("另有%(count)s行，见系统。") % {"count": left})] if left else []
    return [Table(tuple(str(one) for one in heads), body, tuple(widths)), *more]


def _text(value: Any) -> str:
    """A value of a page as plain text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return date_text(value)
    return strip_tags(str(value)).strip()

"""Makes the committed DOCX and PDF cases of ``tests/cases/plans``; run by hand when a case changes."""

from __future__ import annotations

from pathlib import Path

CASES = Path(__file__).resolve().parents[3] / "cases" / "plans"


def wall_chart() -> None:
    """A DOCX with a real table: merged cells, several names in one cell, numbers that Word generates."""
    from docx import Document
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    document = Document()
    for text in (
        "白鹭镇人民政府",
        "关于印发2024年危险化学品安全监管工作要点的通知",
        "白鹭府发〔2024〕12号",
        "",
        "各村（社区）、镇安委会成员单位：",
        "现将《2024年危险化学品安全监管工作要点》印发给你们，请认真贯彻落实。",
        "白鹭镇人民政府",
        "2024年2月26日",
        "2024年危险化学品安全监管工作要点",
    ):
        document.add_paragraph(text)
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, kind, pattern in ((0, "chineseCounting", "%1、"), (1, "chineseCounting", "（%2）")):
        element = OxmlElement("w:lvl")
        element.set(qn("w:ilvl"), str(level))
        for name, value in (("start", "1"), ("numFmt", kind), ("lvlText", pattern)):
            child = OxmlElement(f"w:{name}")
            child.set(qn("w:val"), value)
            element.append(child)
        abstract.append(element)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    link = OxmlElement("w:abstractNumId")
    link.set(qn("w:val"), "77")
    number.append(link)
    numbering.append(number)

    def numbered(level: int, text: str) -> None:
        paragraph = document.add_paragraph(text)
        properties = paragraph._p.get_or_add_pPr()
        holder = OxmlElement("w:numPr")
        for name, value in (("ilvl", str(level)), ("numId", "77")):
            child = OxmlElement(f"w:{name}")
            child.set(qn("w:val"), value)
            holder.append(child)
        properties.append(holder)

    numbered(0, "工作目标")
    document.add_paragraph("全镇危险化学品领域实现零死亡。")
    numbered(0, "工作安排")
    numbered(1, "加强值班值守。镇应急办要严格执行重要时段领导带班制度。")
    numbered(1, "做好信息报送。各村（社区）每月18日前向镇应急办报送排查情况。")
    document.add_paragraph("附件：2024年危险化学品安全监管挂图作战责任表")
    rows = [
        ("序号", "一级任务", "二级任务", "工作措施", "责任单位", "", "责任人", "完成时限"),
        ("", "", "", "", "牵头单位", "配合单位", "", ""),
        (
            "1",
            "压实责任",
            "部门责任",
            "1.编制责任清单。\n2.召开联席会议4次。",
            "镇应急办",
            "各村（社区）",
            "何其山 罗大江",
            "2024年6月底前",
        ),
        (
            "",
            "",
            "企业责任",
            "督促8家企业开展标准化自评，自评率100%。",
            "镇经发办",
            "镇应急办",
            "罗大江",
            "2024年10月底前并持续推进",
        ),
        (
            "2",
            "防控风险",
            "专项整治",
            "开展“小化工”专项排查，每季度1次。",
            "镇综合执法大队",
            "派出所、各村（社区）",
            "石小溪\n白一帆",
            "长期",
        ),
    ]
    table = document.add_table(rows=len(rows), cols=8)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                table.cell(at, column).text = text
    for column in (0, 1, 2, 3, 6, 7):
        table.cell(0, column).merge(table.cell(1, column))
    table.cell(0, 4).merge(table.cell(0, 5))
    table.cell(2, 0).merge(table.cell(3, 0))
    table.cell(2, 1).merge(table.cell(3, 1))
    folder = CASES / "wall_chart_docx"
    folder.mkdir(parents=True, exist_ok=True)
    document.save(str(folder / "plan.docx"))


def text_pdf() -> None:
    """A PDF with a text layer: broken lines, page numbers, a ruled table."""
    import typst

    source = r"""
#set page(paper: "a5", numbering: "— 1 —", margin: 2cm)
#set text(font: "Noto Sans CJK SC", size: 12pt, lang: "zh")
#set par(first-line-indent: (amount: 2em, all: true), justify: true)
#align(center)[松岭县安全生产委员会文件]
#align(center)[松安委〔2025〕3号]
#align(center)[松岭县安全生产委员会关于印发《松岭县危险化学品安全专项整治方案》的通知]
#par(first-line-indent: 0em)[各乡镇人民政府，县安委会各成员单位：]
《松岭县危险化学品安全专项整治方案》已经县安委会同意，现印发给你们，请认真组织实施。
#align(right)[松岭县安全生产委员会]
#align(right)[2025年2月20日]
#pagebreak()
#align(center)[松岭县危险化学品安全专项整治方案]
为深入推进全县危险化学品安全专项整治，有效防范和坚决遏制各类生产安全事故发生，结合我县实际，制定本方案。
#v(1em)
一、重点任务

（一）全面排查风险隐患。县应急管理局牵头组织对全县危险化学品生产、经营、储存、使用单位开展一次全面排查，逐企建立风险隐患台账，于2025年5月底前完成。（责任单位：县应急管理局；配合单位：县公安局、县交通运输局、各乡镇人民政府）

（二）严格整治重大隐患。对排查发现的重大事故隐患实行挂牌督办，重大事故隐患按期整改率达到100%，2025年9月底前整改到位并持续巩固提升。（责任单位：县应急管理局、县住房和城乡建设局分工负责）

二、任务分工

#table(columns: (2em, 1fr, 1fr, 6em), [序号], [工作任务], [责任单位], [完成时限],
  [1], [开展加油站专项检查，覆盖16座加油站], [县商务局、县应急管理局], [4月底前],
  [2], [开展烟花爆竹零售点检查], [县公安局], [12月上旬])

三、工作要求

各乡镇、各成员单位每季度末月15日前将工作情况报县安委会办公室。
"""
    folder = CASES / "text_pdf"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.pdf").write_bytes(typst.compile(source.encode()))


if __name__ == "__main__":
    wall_chart()
    text_pdf()

"""The corners of WordprocessingML that python-docx has no words for."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

# Source: GB/T 9704-2012, 5.2.2; the names under which offices have the faces.
FACES = {
    "title": "方正小标宋_GBK",
    "heading": "黑体",
    "subheading": "楷体_GB2312",
    "body": "仿宋_GB2312",
    "figures": "宋体",
}
RED = RGBColor(0xD7, 0x00, 0x0F)
SIZE_2, SIZE_3, SIZE_4, SIZE_TABLE = Pt(22), Pt(16), Pt(14), Pt(12)
AREA_WIDTH, AREA_HEIGHT = Mm(156), Mm(225)
LINE_PITCH = Length(int(AREA_HEIGHT / 22))
CHARACTER = Length(int(AREA_WIDTH / 28))


def dress(run: Run, role: str, *, size: Length | None = None, color: RGBColor | None = None) -> Run:
    """Set the face for Chinese and for Latin letters alike."""
    face = FACES[role]
    run.font.name = face
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), face)
    fonts.set(qn("w:hint"), "eastAsia")
    if size is not None:
        run.font.size = size
    if color is not None:
        run.font.color.rgb = color
    return run


def dress_style(style: Any, role: str, *, size: Length) -> None:
    """The face of a style, cleared of the template's colours and weights."""
    style.font.name = FACES[role]
    style.font.size = size
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        if attribute.endswith("Theme"):
            del fonts.attrib[attribute]
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), FACES[role])
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = LINE_PITCH
    layout.widow_control = False


def set_grid(section: Any) -> None:
    """22 lines of 28 characters. Source: GB/T 9704-2012, 5.2.3."""
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(round(LINE_PITCH.pt * 20)))
    # In 4096ths of a point, what each character gives up so that 28 of size 3 fill the line.
    grid.set(qn("w:charSpace"), str(round((CHARACTER.pt - SIZE_3.pt) * 4096)))


def add_field(paragraph: WordParagraph, code: str, role: str, *, size: Length) -> None:
    """A field that the word processor computes, as the page number."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        run = dress(paragraph.add_run(), role, size=size)
        if kind == "text":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
        else:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {text} "
            run._element.append(instruction)


def number_pages(section: Any) -> None:
    """— 1 — at the outer side: right on odd pages, left on even ones, one character in (7.5)."""
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = CHARACTER
        dress(paragraph.add_run("— "), "figures", size=SIZE_4)
        add_field(paragraph, "PAGE", "figures", size=SIZE_4)
        dress(paragraph.add_run(" —"), "figures", size=SIZE_4)


def add_line(
    paragraph: WordParagraph, *, side: str, eighths: int, color: str, space: int = 0, double: str = ""
) -> None:
    """A rule along the paragraph; thickness in eighths of a point, distance in points."""
    properties = paragraph._element.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.append(borders)
        # The schema wants borders before these.
        for name in ("w:shd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"):
            later = properties.find(qn(name))
            if later is not None:
                borders.addnext(later)
                properties.remove(borders)
                later.addprevious(borders)
                break
    rule = OxmlElement(f"w:{side}")
    for name, value in (("val", double or "single"), ("sz", eighths), ("space", space), ("color", color)):
        rule.set(qn(f"w:{name}"), str(value))
    borders.append(rule)


def set_table_lines(table: Any) -> None:
    """Thin lines all round, whatever styles the reader's template has."""
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table._tbl.tblPr.append(parse_xml(f"<w:tblBorders {nsdecls('w')}>{sides}</w:tblBorders>"))


def repeat_row(row: Any) -> None:
    """The row stands again at the head of each page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    properties.append(OxmlElement("w:tblHeader"))


def add_watermark(section: Any, words: str, *, color: str) -> None:
    """Words across every page of the section, behind the text, as word processors themselves do it."""
    shape = (
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pict>'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/>'
        '<v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        f'<v:shape id="Watermark{{index}}" o:spid="_x0000_s{{spid}}" type="#_x0000_t136" alt="{words}" '
        'style="position:absolute;margin-left:0;margin-top:0;width:420pt;height:105pt;rotation:315;z-index:-251658752;'
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" '
        f'o:allowincell="f" fillcolor="{color}" stroked="f"><v:fill opacity=".5"/>'
        f'<v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt" string="{words}"/></v:shape></w:pict></w:r>'
    )
    headers = [section.header, section.even_page_header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    for index, header in enumerate(headers):
        header.is_linked_to_previous = False
        place = header.paragraphs[0]._element
        found = len(place.findall(qn("w:r")))
        numbered = shape.replace("{index}", f"{index}{found}").replace("{spid}", str(2049 + 10 * index + found))
        place.append(parse_xml(numbered))


def pin_to_foot(paragraph: WordParagraph) -> None:
    """Put the paragraph into a frame at the foot of the type area; neighbours share the frame."""
    frame = OxmlElement("w:framePr")
    values = {"w": round(AREA_WIDTH.pt * 20), "wrap": "around", "vAnchor": "margin", "hAnchor": "margin"}
    for name, value in {**values, "xAlign": "center", "yAlign": "bottom"}.items():
        frame.set(qn(f"w:{name}"), str(value))
    properties = paragraph._element.get_or_add_pPr()
    # The schema wants it after these and before all others.
    ahead = [properties.find(qn(f"w:{name}")) for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore")]
    present = [element for element in ahead if element is not None]
    if present:
        present[-1].addnext(frame)
    else:
        properties.insert(0, frame)


def ask_for_fields(settings: Any) -> None:
    """Have the word processor compute the fields (table of contents) when it opens the document."""
    mark = OxmlElement("w:updateFields")
    mark.set(qn("w:val"), "true")
    settings.append(mark)

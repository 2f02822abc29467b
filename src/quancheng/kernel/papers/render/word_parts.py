"""The corners of WordprocessingML that python-docx has no words for."""

from __future__ import annotations

import math
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
# 5 mm less than the standard's rule, which the PDF has: wider, and some word processors do not let the table float.
FOOT_WIDTH = Mm(151)
# Whole twentieths of a point, rounded down: rounded up, the 22nd line would not fit.
LINE_PITCH = Pt(math.floor(AREA_HEIGHT.pt / 22 * 20) / 20)
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
    """22 lines a page. Source: GB/T 9704-2012, 5.2.3.

    The 28 characters a line come from the spacing of the style: word processors other than the usual one give each
    character two cells of a grid that is narrower than the character.
    """
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    for name in list(grid.attrib):
        del grid.attrib[name]
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(LINE_PITCH.pt * 20 + 0.5)))


def squeeze(style: Any) -> None:
    """Let 28 characters of size 3 fill the line: what each gives up, rounded away from zero to 1/20 of a point."""
    properties = style.element.get_or_add_rPr()
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(math.floor((CHARACTER.pt - SIZE_3.pt) * 20)))
    properties.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u")


def leave_grid(paragraph: WordParagraph) -> None:
    """Lines of another height than the grid's."""
    mark = OxmlElement("w:snapToGrid")
    mark.set(qn("w:val"), "0")
    _place(paragraph, mark)


# The order that the schema wants of what we put into paragraph properties.
_ORDER = (
    *("w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:framePr", "w:widowControl", "w:numPr"),
    *("w:suppressLineNumbers", "w:pBdr", "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap"),
    *("w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd"),
    *("w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc"),
    *("w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr"),
    *("w:sectPr", "w:pPrChange"),
)


def _place(paragraph: WordParagraph, element: Any) -> None:
    name = f"w:{element.tag.rpartition('}')[2]}"
    successors = _ORDER[_ORDER.index(name) + 1 :]
    paragraph._element.get_or_add_pPr().insert_element_before(element, *successors)


def add_field(paragraph: WordParagraph, code: str, role: str, *, size: Length) -> None:
    """A field that the word processor computes, as the page number."""
    begin_field(paragraph, code, role, size=size)
    dress(paragraph.add_run("1"), role, size=size)
    end_field(paragraph)


def begin_field(paragraph: WordParagraph, code: str, role: str, *, size: Length) -> None:
    """What stands between here and :func:`end_field` is shown until the field is computed."""
    _field_mark(paragraph, "begin")
    run = dress(paragraph.add_run(), role, size=size)
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    run._element.append(instruction)
    _field_mark(paragraph, "separate")


def end_field(paragraph: WordParagraph) -> None:
    _field_mark(paragraph, "end")


def _field_mark(paragraph: WordParagraph, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._element.append(mark)


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
    borders = paragraph._element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        _place(paragraph, borders)
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
    _add_borders(table, sides)


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
        f'style="position:absolute;margin-left:0;margin-top:0;width:{105 * len(words)}pt;height:105pt;'
        "rotation:315;z-index:-251658752;"
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


def pin_to_foot(table: Any) -> None:
    """Let the table stand at the foot of the type area, over its whole width, wherever the text ends."""
    place = OxmlElement("w:tblpPr")
    values = {"leftFromText": 0, "rightFromText": 0, "vertAnchor": "margin", "horzAnchor": "margin"}
    for name, value in {**values, "tblpXSpec": "center", "tblpYSpec": "bottom"}.items():
        place.set(qn(f"w:{name}"), str(value))
    properties = table._tbl.tblPr
    style = properties.find(qn("w:tblStyle"))
    properties.insert(0 if style is None else 1, place)


def set_rules(table: Any) -> None:
    """Thick line above and below, thin ones between the rows (7.4)."""
    rules = "".join(
        f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="000000"/>'
        for side, eighths in (("top", 8), ("bottom", 8), ("insideH", 6))
    )
    _add_borders(table, rules)


def _add_borders(table: Any, sides: str) -> None:
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{sides}</w:tblBorders>")
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def ask_for_fields(settings: Any) -> None:
    """Have the word processor compute the fields (table of contents) when it opens the document."""
    mark = OxmlElement("w:updateFields")
    mark.set(qn("w:val"), "true")
    later = ("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr")
    settings.insert_element_before(mark, *later)

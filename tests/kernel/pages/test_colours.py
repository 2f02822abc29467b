"""The three colour systems as somebody sees them who cannot tell all colours: simulated from the style sheet's tokens.

Matrices for complete deuteranopia, protanopia and tritanopia after Machado, Oliveira and Fernandes (2009), in linear
light; differences as CIE 1976 in Lab, where 2.3 is just seen side by side. Red and green of a light are the nearest
pair (9, deuteranopia): the word beside them says the rest.
"""

from __future__ import annotations

import itertools
import re

import pytest

from quancheng.kernel.pages import marks
from quancheng.runtime.place import ROOT

TOKENS = (ROOT / "src/quancheng/web/static/web/css/tokens.css").read_text()
PARTS = (ROOT / "src/quancheng/web/static/web/css/parts.css").read_text()
SYSTEMS = {
    "risk": ("rect", marks.risk, marks.RISKS),
    "warning": ("path", marks.warning, marks.WARNINGS),
    "light": ("circle", marks.light, marks.LIGHTS),
}
SIGHTS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
AT_A_GLANCE = 8.0
Colour = tuple[float, ...]


def token(name: str, theme: str) -> str:
    """The value that the theme gives, else that of every theme."""
    block = TOKENS.partition(f'[data-bs-theme="{theme}"] {{')[2].partition("}")[0]
    for text in (block, TOKENS):
        if found := re.search(rf"--qc-{name}: (#[0-9a-f]+);", text):
            return found.group(1)
    raise KeyError(name)


def linear(colour: str) -> Colour:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def seen(colour: str, sight: str) -> Colour:
    """Linear red, green and blue as this sight has them."""
    given = linear(colour)
    return tuple(min(1.0, max(0.0, sum(w * g for w, g in zip(row, given, strict=True)))) for row in SIGHTS[sight])


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(colour: Colour) -> Colour:
    red, green, blue = colour
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        luminance(colour),
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def difference(one: Colour, other: Colour) -> float:
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_two_colours_of_a_system_differ_at_a_glance_for_every_sight(system: str, sight: str) -> None:
    for one, other in itertools.combinations(SYSTEMS[system][2], 2):
        apart = difference(seen(token(one, "light"), sight), seen(token(other, "light"), sight))
        assert apart >= AT_A_GLANCE, f"{one} and {other}: {apart:.1f}"


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_outline_of_a_shape_stands_out_from_the_paper_for_every_sight(theme: str, sight: str) -> None:
    outline, paper = (seen(token(name, theme), sight) for name in ("outline", "paper"))
    assert contrast(outline, paper) >= 7
    assert "stroke: var(--qc-outline); stroke-width: 1.5" in PARTS


def test_each_system_has_a_shape_of_its_own_and_each_colour_its_word() -> None:
    for system, (shape, mark, words) in SYSTEMS.items():
        assert len({str(word) for word in words.values()}) == len(words)
        for colour, word in words.items():
            drawn = mark(colour)
            assert [each for each in ("rect", "path", "circle") if f"<{each}" in drawn] == [shape]
            assert f"<span>{word}</span>" in drawn
            assert f"qc-{system}-{colour} .qc-shape" in PARTS
            assert f".qc-{system}-{colour} {{" not in PARTS, "a colour never colours text"
    assert len({shape for shape, _mark, _words in SYSTEMS.values()}) == len(SYSTEMS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_read_against_their_ground(theme: str) -> None:
    for ground in ("paper", "ground", "sunken", "hover", "brand-wash"):
        assert contrast(linear(token("ink", theme)), linear(token(ground, theme))) >= 7
    for ground in ("paper", "ground", "sunken"):
        for words in ("muted", "brand", "danger"):
            assert contrast(linear(token(words, theme)), linear(token(ground, theme))) >= 4.5, (words, ground)

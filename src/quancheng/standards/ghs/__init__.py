"""Classification and labelling (GB 30000 series, GB 15258): classes, pictograms, statements, and how people write
them.

The formula for the toxicity of mixtures is not here: we have no text of it.
"""

from quancheng.standards.ghs.acute import AcuteLimits, acute_hazard, acute_limits, is_highly_toxic
from quancheng.standards.ghs.label import Contradiction, Label, contradictions, label_of
from quancheng.standards.ghs.model import (
    SIGNAL_WORDS,
    Category,
    GhsClass,
    Hazard,
    Pictogram,
    categories,
    classes,
    pictograms,
    statements,
)
from quancheng.standards.ghs.parse import Parsed, Problem, parse

__all__ = [
    "SIGNAL_WORDS",
    "AcuteLimits",
    "Category",
    "Contradiction",
    "GhsClass",
    "Hazard",
    "Label",
    "Parsed",
    "Pictogram",
    "Problem",
    "acute_hazard",
    "acute_limits",
    "categories",
    "classes",
    "contradictions",
    "is_highly_toxic",
    "label_of",
    "parse",
    "pictograms",
    "statements",
]

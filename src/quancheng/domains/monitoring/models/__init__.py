"""Tables of monitoring (监测): what is stored, and what must always be true of it."""

from quancheng.domains.monitoring.models.sources import Form, Source, SourceKind, SourceState
from quancheng.domains.monitoring.models.tags import Tag, TagStatus

__all__ = ["Form", "Source", "SourceKind", "SourceState", "Tag", "TagStatus"]

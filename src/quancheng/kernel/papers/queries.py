"""Reads of papers, their services and templates, scoped."""

from __future__ import annotations

import uuid

from django.db.models import Count, Prefetch, Q, QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.papers.loops import SERVICE
from quancheng.kernel.papers.models import Paper, PaperAddressee, PaperTemplate, Service


def list_papers(*, actor: Actor) -> QuerySet[Paper]:
    """Papers that the actor may see, the latest first, with how many of their services are open. Two queries."""
    addressees = PaperAddressee.objects.select_related("org").order_by("place", "pk")
    return (
        Paper.objects.visible_to(actor)
        .select_related("issuer", "owner_org", "template", "drafted_by")
        .prefetch_related(Prefetch("addressees", queryset=addressees))
        .annotate(
            service_count=Count("services", distinct=True),
            open_count=Count("services", ~Q(services__status__in=SERVICE.finals), distinct=True),
        )
        .order_by("-drafted_at", "-pk")
    )


def get_paper(*, actor: Actor, paper_id: uuid.UUID) -> Paper:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_papers(actor=actor).filter(pk=paper_id).first()
    if found is None:
        raise NotFound
    return found


def list_services(*, actor: Actor) -> QuerySet[Service]:
    """Services that the actor may see, with paper and addressee, the latest first."""
    return (
        Service.objects.visible_to(actor)
        .select_related("paper", "paper__issuer", "org", "owner_org")
        .order_by("-status_at", "-pk")
    )


def services_of(*, actor: Actor, paper: Paper) -> QuerySet[Service]:
    """The services of a paper in the order of its addressees: all for its owner, his own for an addressee."""
    return list_services(actor=actor).filter(paper=paper).order_by("org__pinyin", "pk")


def get_service(*, actor: Actor, service_id: uuid.UUID) -> Service:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_services(actor=actor).filter(pk=service_id).first()
    if found is None:
        raise NotFound
    return found


def is_unsent(*, paper: Paper) -> bool:
    """Whether some addressee of a paper, which the caller got through its query, has not been sent it yet."""
    return Service.objects.filter(paper=paper, status="TO_SERVE").exists()


def papers_about(*, actor: Actor, subject_type: str, subject_id: uuid.UUID) -> QuerySet[Paper]:
    """Papers about a row, the latest first."""
    return list_papers(actor=actor).filter(about_type=subject_type, about_id=subject_id)


def list_templates() -> list[PaperTemplate]:
    """The newest version of each form letter, by code. They hold no business content."""
    return list(PaperTemplate.objects.order_by("code", "-version").distinct("code"))


def get_template(*, code: str) -> PaperTemplate:
    """The newest version. :raises NotFound: no such form letter."""
    found = PaperTemplate.objects.filter(code=code).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def template_versions(*, code: str) -> list[PaperTemplate]:
    """Every version, the newest first."""
    return list(PaperTemplate.objects.filter(code=code).select_related("made_by").order_by("-version"))

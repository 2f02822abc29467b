"""Pages on which somebody sits an exam: no account, no shell; whole without JavaScript, and going on without network.

Who was let in is known by a key that his browser keeps. Nothing of the right answers stands in these pages before the
exam is over.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.forms.sitting import DoorForm, StartForm
from quancheng.domains.training.models import Exam, ExamSitting, SittingItem
from quancheng.domains.training.models.exams import GRACE
from quancheng.domains.training.queries.exams import items_of
from quancheng.domains.training.services import practising
from quancheng.domains.training.services import sitting as services
from quancheng.domains.training.services.exam_results import CLERK
from quancheng.kernel.errors import Conflict, DomainError, NotFound, StaleState
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.open import Unlisted
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.people.middleware import origin_of

COOKIE = "qc_exam"
#: An exam may lie open for days, and who sits may come back after a night without power.
_COOKIE_S = 3 * 24 * 3600
_ANSWER = "a-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question or a part of one, as a form shows it. ``options`` are letter, text and whether it is ticked."""

    name: str
    kind: str
    stem: str
    options: Sequence[tuple[str, str, bool]] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One question on the paper."""

    place: int
    kind: str
    label: str
    marks: Decimal
    stem: str
    asked: Sequence[Asked] = field(default=())


class ExamView(Unlisted):
    """Base: finds the exam behind the door, and who was let in."""

    exam: Exam
    sitting: ExamSitting
    #: Whether somebody must have been let in.
    asks_key = True

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        self.exam = services.find_exam(str(arguments.pop("door")))
        kept, self.key = _kept(request)
        if self.asks_key:
            try:
                if kept is None:
                    raise NotFound
                self.sitting = services.resumed(
                    exam=self.exam, sitting_id=kept, key=self.key, whole=request.method != "POST"
                )
            except NotFound:
                return self.to("door")
        return None

    def show(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(request, template, {"exam": self.exam, "now": self.now, **context}, status=status)

    def to(self, name: str) -> HttpResponse:
        return redirect(f"exam:{name}", door=self.exam.door)


class Door(ExamView):
    """Who are you? By badge and code, or by the QR code of one's slip."""

    asks_key = False

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        return self.show(request, "training/sit_door.html", form=DoorForm(initial={"code": code}), code=code)

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        form = DoorForm({**request.POST.dict(), "code": code or request.POST.get("code", "")})
        if not form.is_valid():
            return self.show(request, "training/sit_door.html", form=form, code=code, status=422)
        origin = origin_of(request)
        try:
            entry = services.let_in(
                exam=self.exam, code=form.cleaned_data["code"], badge=None if code else form.cleaned_data["badge"],
                key=self.key, address=origin.address or "", device=origin.device, now=self.now,
            )  # fmt: skip
        except DomainError as refused:
            status = tell(form, refused)
            return self.show(request, "training/sit_door.html", form=form, code=code, status=status)
        return keep_key(self.to(_next(entry.sitting)), request, entry)


class Start(ExamView):
    """What will be asked, and the button that starts the clock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.sitting.started_at is not None:
            return self.to(_next(self.sitting))
        return self._page(request, StartForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StartForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            photo = form.cleaned_data["photo"]
            taken = receive_uploads(actor=CLERK, uploads=[photo] if photo else [], now=self.now)
            services.begin(
                sitting=self.sitting, key=self.key, now=self.now, photo=taken[0] if taken else None,
                device=origin_of(request).device,
            )  # fmt: skip
        except DomainError as refused:
            return self._page(request, form, status=tell(form, refused))
        return self.to("paper")

    def _page(self, request: HttpRequest, form: StartForm, *, status: int = 200) -> HttpResponse:
        count = sum(self.exam.paper["counts"].values())
        is_open = self.exam.is_open(self.now)
        return self.show(
            request, "training/sit_start.html", form=form, sitting=self.sitting, count=count, is_open=is_open,
            may_practise=self.now < self.exam.opens_at, status=status,
        )  # fmt: skip


class Paper(ExamView):
    """The paper: each answer is kept at once, handed in by the candidate or by the clock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if _next(self.sitting) != "paper":
            return self.to(_next(self.sitting))
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        is_script = request.headers.get("Accept") == "application/json"
        answers = answers_in(request.POST, items_of(self.sitting) if request.POST.get("all") else ())
        try:
            if request.POST.get("act") == "hand_in":
                self.sitting = services.hand_in(
                    sitting=self.sitting, key=self.key, answers=answers, now=self.now
                )
                url = reverse("exam:result", args=[self.exam.door])
                return JsonResponse({"url": url}) if is_script else redirect(url)
            kept = services.save_answers(sitting=self.sitting, key=self.key, answers=answers, now=self.now)
        except DomainError as refused:
            if is_script:
                # Another device answers now, or none yet: who sits here is let in anew.
                is_elsewhere = isinstance(refused, Conflict) and not isinstance(refused, StaleState)
                url = reverse("exam:door" if is_elsewhere else f"exam:{_next(self.sitting)}", args=[self.exam.door])
                return JsonResponse({"message": str(refused.message), "url": url}, status=refused.status)
            if isinstance(refused, StaleState):
                return self.to("result")
            raise
        if is_script:
            return JsonResponse({"kept": kept, "left": _left(self.sitting, self.now)})
        return self._page(request, saved=True)

    def _page(self, request: HttpRequest, *, saved: bool = False) -> HttpResponse:
        lines = [line_of(one) for one in items_of(self.sitting)]
        return self.show(
            request, "training/sit_paper.html", sitting=self.sitting, lines=lines, left=_left(self.sitting, self.now),
            saved=saved,
        )  # fmt: skip


class Facts(ExamView):
    """What the page tells of itself: left and taken up again, without network and with."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            services.tell(
                sitting=self.sitting, key=self.key, kind=request.POST.get("kind", ""),
                note=request.POST.get("note", "")[:200], now=self.now,
            )  # fmt: skip
        except DomainError as refused:
            return JsonResponse({"message": str(refused.message)}, status=refused.status)
        return HttpResponse(status=204)


class Result(ExamView):
    """What came of it; the paper with its answers once the exam is over for everybody."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.sitting.handed_in_at is None:
            return self.to(_next(self.sitting))
        over = self.exam.closes_at + GRACE <= self.now
        items = items_of(self.sitting) if over and self.sitting.marked_at else ()
        return self.show(request, "training/sit_result.html", sitting=self.sitting, items=items, is_over=over)


class Practice(ExamView):
    """As many papers as one likes before the exam begins, each marked at once with explanations; nothing is kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, secrets.token_hex(8), None)

    def post(self, request: HttpRequest) -> HttpResponse:
        seed = request.POST.get("seed", "")[:32]
        return self._page(request, seed, answers_in(request.POST, ()))

    def _page(
        self, request: HttpRequest, seed: str, answers: Mapping[int, Mapping[str, str]] | None
    ) -> HttpResponse:
        if self.exam.opens_at <= self.now < self.exam.closes_at + GRACE or self.exam.is_spot:
            raise Http404
        items = practising.paper(sitting=self.sitting, seed=seed)
        score = None
        if answers is not None:
            score = practising.mark(items, answers, is_partial=self.exam.paper["is_partial"])
        return self.show(
            request, "training/sit_practice.html", sitting=self.sitting, lines=[line_of(one) for one in items],
            items=items if answers is not None else (), seed=seed, score=score,
        )  # fmt: skip


def keep_key(answer: HttpResponse, request: HttpRequest, entry: services.Entry) -> HttpResponse:
    """Let the browser keep what it was let in by."""
    answer.set_signed_cookie(
        COOKIE, f"{entry.sitting.pk}.{entry.key}", max_age=_COOKIE_S, path="/x/", httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return answer


def answers_in(given: QueryDict, items: Sequence[SittingItem]) -> dict[int, dict[str, str]]:
    """Answers of a form by place and part; what a whole form leaves out of ``items`` is empty."""
    found: dict[int, dict[str, str]] = {one.place: _empty(one) for one in items}
    for name in given:
        if not name.startswith(_ANSWER):
            continue
        place, _mark, part = name.removeprefix(_ANSWER).partition("-")
        if place.isascii() and place.isdigit() and len(place) < 5:
            found.setdefault(int(place), {})[part] = "".join(given.getlist(name))
    return found


def line_of(item: SittingItem) -> Line:
    """A question as who sits sees it: options in his order, nothing of the answer."""
    asked = item.version
    if asked.kind == "case":
        shown = [
            _asked(f"{_ANSWER}{item.place}-{number}", part["kind"], part["stem"], part["options"],
                   item.answer.get(str(number), ""))
            for number, part in enumerate(asked.parts, start=1)
        ]  # fmt: skip
    else:
        order = tuple(item.order)
        options = [asked.options[one] for one in order]
        given = item.answer.get("", "")
        told = services.to_shown(order, given) if options else given
        shown = [_asked(f"{_ANSWER}{item.place}-", asked.kind, "", options, told)]
    return Line(item.place, asked.kind, str(asked.get_kind_display()), item.marks, asked.stem, shown)


def _asked(name: str, kind: str, stem: str, options: Sequence[str], given: str) -> Asked:
    if kind == "judge":
        ticked = [("T", _("对"), given == "T"), ("F", _("错"), given == "F")]
        return Asked(name, kind, stem, ticked)
    if not options:
        return Asked(name, kind, stem, text=given)
    lettered = [(LETTERS[place], text, LETTERS[place] in given) for place, text in enumerate(options)]
    return Asked(name, kind, stem, lettered)


def _empty(item: SittingItem) -> dict[str, str]:
    if item.version.kind == "case":
        return {str(number): "" for number in range(1, len(item.version.parts) + 1)}
    return {"": ""}


def _next(sitting: ExamSitting) -> str:
    """The page on which somebody goes on."""
    if sitting.handed_in_at is not None:
        return "result"
    return "paper" if sitting.started_at is not None else "start"


def _left(sitting: ExamSitting, now: Any) -> int:
    """Whole seconds to the end, never negative."""
    return max(0, int((sitting.ends_at - now).total_seconds())) if sitting.ends_at else 0


def _kept(request: HttpRequest) -> tuple[uuid.UUID | None, str]:
    told = request.get_signed_cookie(COOKIE, default="", max_age=_COOKIE_S)
    first, _mark, key = (told or "").partition(".")
    try:
        return uuid.UUID(first), key
    except ValueError:
        return None, ""

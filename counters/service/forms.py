"""What an officer's form says about a visit, compared with what the form showed when it was opened."""

from django.http import HttpRequest

from core.forms import parsed_ids, posted_text
from counters.service.selectors import APPLICATION_FIELDS
from counters.service.services import NOTES_LENGTH, Work


def work_of(request: HttpRequest) -> Work:
    """Return the changes of the visit's form: fields that differ from their `..._before`."""
    notes = posted_text(request, "notes", has_lines=True)[:NOTES_LENGTH]
    before = posted_text(request, "notes_before", has_lines=True)[:NOTES_LENGTH]
    ticks, old_ticks = (
        set(request.POST.getlist(name)) for name in ("documents", "documents_before")
    )
    answers = {name: posted_text(request, name)[:20] for name in APPLICATION_FIELDS}
    return Work(
        notes=None if notes == before else notes,
        ticked=ticks - old_ticks,
        unticked=old_ticks - ticks,
        application={
            name: text
            for name, text in answers.items()
            if name in request.POST and text != request.POST.get(f"{name}_before", "")
        },
    )


def version_of(request: HttpRequest) -> int:
    """Return the version that the form names; a form without one is of no version."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def counter_of(request: HttpRequest) -> int | None:
    """Return the id of the counter that a visit is handed on to; None for any counter."""
    text = request.POST.get("counter", "")
    return parsed_ids([text])[0] if text else None

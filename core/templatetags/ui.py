"""Template tags: icons, tick rows, chips, QR codes, and form fields."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from core.destinations import destination_text
from core.icons import ICONS
from core.public_pages import chosen_theme
from core.qr import mrz, qr

UNITS_A_TICK: Final = 4
TICK_KINDS: Final = ("taken", "free", "mid", "sun", "faint", "bad")
PLAIN_WIDGETS: Final = frozenset({"checkbox", "radioselect", "checkboxselectmultiple"})

STATE_WORDS: Final[dict[str, Any]] = {
    "open": pgettext_lazy("hari atau jam", "Ada tempat"),
    "few": pgettext_lazy("hari atau jam", "Kurang"),
    "full": pgettext_lazy("hari atau jam", "Penuh"),
    "not_yet_open": pgettext_lazy("hari atau jam", "Belum dibuka"),
    "closed": pgettext_lazy("hari atau jam", "Tutup"),
    "past": pgettext_lazy("hari atau jam", "Lewat"),
    "waiting": pgettext_lazy("kunjungan", "Menunggu"),
    "called": pgettext_lazy("kunjungan", "Dipanggil"),
    "serving": pgettext_lazy("kunjungan", "Dilayani"),
    "done": pgettext_lazy("kunjungan", "Selesai"),
    "risk": pgettext_lazy("kunjungan", "Berisiko"),
    "late": pgettext_lazy("kunjungan", "Terlambat"),
}

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css: str = "") -> SafeString:
    """Render one icon, hidden from screen readers: a text is always next to it."""
    drawing = mark_safe(ICONS[name])  # noqa: S308  (our own constant)
    classes = f"i {css}".strip()
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, drawing
    )


@register.filter
def state_word(state: str) -> Any:
    """Return the text of a state of a place or a visit."""
    return STATE_WORDS.get(state, state)


@register.simple_tag
def chip(state: str, word: Any = "", icon_name: str = "") -> SafeString:
    """Render a state as icon, text and edge. `word` replaces the state's usual text."""
    return format_html(
        '<span class="chip" data-state="{}">{}{}</span>',
        state,
        icon(icon_name or state),
        word or state_word(state),
    )


@register.simple_tag
def ticks(
    total: int = 0,
    size: int | None = None,
    label: Any = "",
    css: str = "",
    mark: float | None = None,
    left: int | None = None,
    **parts: int,
) -> SafeString:
    """Render the row of ticks: free ticks are tall, taken ones are short.

    With `left` of `total`: the taken first, then the free. With `parts`, counts by kind (taken,
    free, mid, sun, faint, bad), rendered in this order; the remainder of `total` is free. `size` is
    the number of ticks (default: one for each of `total`, at most 50). `mark` is a count with a
    marker. Without `label` the row is hidden from screen readers, and the page must show the
    numbers next to it.
    """
    if left is not None:
        parts = {"taken": int(total or 0) - int(left or 0), "free": int(left or 0)}
    counts = tuple(
        (kind, max(0, int(count or 0))) for kind, count in parts.items() if kind in TICK_KINDS
    )
    return _ticks(counts, int(total or 0), size, str(label), css, mark)


@lru_cache(maxsize=2_000)
def _ticks(
    counts: tuple[tuple[str, int], ...],
    total: int,
    size: int | None,
    label: str,
    css: str,
    mark: float | None,
) -> SafeString:
    """Render a row of ticks. Cached, because a calendar has the same row on many days."""
    counted = sum(count for _kind, count in counts)
    whole = max(total, counted)
    if whole > counted:
        counts = (*counts, ("free", whole - counted))
    length = size or min(max(whole, 1), 50)
    paths = list(_tick_paths(_shares(counts, length)))
    if mark is not None and whole:
        at = round(max(0.0, min(float(mark) / whole, 1.0)) * length * UNITS_A_TICK - 0.7, 1)
        paths.append(format_html('<path class="is-mark" d="M{} -3V15"/>', at))
    return format_html(
        '<svg class="{}" viewBox="0 0 {} 12" preserveAspectRatio="none" {}>{}</svg>',
        f"ticks {css}".strip(),
        length * UNITS_A_TICK,
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"'),
        format_html_join("", "{}", ((path,) for path in paths)),
    )


def _shares(counts: Sequence[tuple[str, int]], length: int) -> list[tuple[str, int]]:
    """Divide counts over `length` ticks; every count above 0 gets at least one tick."""
    whole = sum(count for _kind, count in counts)
    if not whole:
        return [("faint", length)]
    shares = [max(1 if count else 0, count * length // whole) for _kind, count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: -(counts[at][1] * length % whole))
    for at in by_remainder:
        if sum(shares) < length and counts[at][1]:
            shares[at] += 1
    while sum(shares) > length:
        shares[shares.index(max(shares))] -= 1
    return [(kind, share) for (kind, _count), share in zip(counts, shares, strict=True)]


def _tick_paths(shares: Iterable[tuple[str, int]]) -> Iterable[SafeString]:
    start = 0
    for kind, share in shares:
        if share:
            end = start + share
            line = f"M{start * UNITS_A_TICK} 6H{end * UNITS_A_TICK - 1}"
            css = "" if kind == "free" else format_html(' class="is-{}"', kind)
            yield format_html('<path{} d="{}"/>', css, line)
            start = end


# ------------------------------------------------------------------ pages and forms


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the reader's chosen theme (`light` or `dark`), or an empty text for the device's own."""
    request = context.get("request")
    return chosen_theme(request) if request else ""


@register.simple_tag(takes_context=True)
def current(context: Context, url: str, *more: str) -> SafeString:
    """Return aria-current: `page` for this address, `true` for addresses below it or below `more`."""
    request = context.get("request")
    path = request.path if request else ""
    if url and path == url:
        return mark_safe(' aria-current="page"')
    under = [start for start in (url, *more) if start and start != "/"]
    return (
        mark_safe(' aria-current="true"')
        if any(path.startswith(start) for start in under)
        else mark_safe("")
    )


@register.simple_tag
def error_prefix(*forms: Any) -> Any:
    """Return `Kesalahan: ` for the title of a page with a refused form."""
    return _("Kesalahan: ") if any(_has_errors(form) for form in forms) else ""


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Render the box of all errors, each with a link to its field. Takes forms and formsets."""
    errors = [error for form in _flat(forms) for error in _form_errors(form)]
    count = len(errors)
    title = ngettext(
        "Ada %(count)d hal yang perlu diperbaiki", "Ada %(count)d hal yang perlu diperbaiki", count
    ) % {"count": count}
    return {"errors": errors, "title": title}


def _has_errors(form: Any) -> bool:
    return any(single.is_bound and bool(single.errors) for single in _flat([form]))


def _flat(forms: Iterable[Any]) -> Iterable[BaseForm]:
    for form in forms:
        if hasattr(form, "forms"):
            yield from form.forms
        elif isinstance(form, BaseForm):
            yield form


def _form_errors(form: BaseForm) -> Iterable[Mapping[str, Any]]:
    if not form.is_bound:
        return
    for text in form.non_field_errors():
        yield {"target": "", "label": "", "text": text}
    for field in form:
        for text in field.errors:
            yield {
                "target": field_target(field),
                "label": str(field.label).rstrip("."),
                "text": text,
            }


@register.filter
def field_target(field: BoundField) -> str:
    """Return the id that a link to this field uses: its input, or the first of a group."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")


@register.filter
def widget_css(field: BoundField) -> str:
    """Return the CSS class suffix for a field's widget."""
    return field.widget_type


@register.filter
def is_plain(field: BoundField) -> bool:
    """True for a checkbox or a choice, false for a text input."""
    return field.widget_type in PLAIN_WIDGETS


@register.simple_tag
def control(field: BoundField, css: str = "") -> SafeString:
    """Render a field's input with our class, described by its hint and its error."""
    widget = field.field.widget
    classes = [widget.attrs.get("class", ""), css]
    if not is_plain(field):
        classes.append("input")
    elif field.widget_type != "checkbox":
        classes.append("choices")
    css_class: str | bool = " ".join(name for name in classes if name)
    return field.as_widget(attrs={"class": css_class} if css_class else None)


@register.simple_tag(takes_context=True)
def destination(context: Context) -> str:
    """Return the sentence about the page to which this form leads, or ""."""
    request = context.get("request")
    return destination_text(request) if request else ""


register.simple_tag(qr)


register.filter(mrz)

"""Messages about openings, to supervisors and to subscribers."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.formats import date_span, local_time_long
from notices.kinds import Action, Context, Group, MessageKind, Row, page_url, register


def _window_rows(context: Context) -> list[Row]:
    zone = context["office"]["time_zone"]
    return [
        (_("Kantor"), context["office"]["name"]),
        (_("Hari layanan"), date_span(context["first_on"], context["last_on"])),
        (pgettext("jumlah", "Tempat"), str(context["places"])),
        (_("Dibuka"), local_time_long(context["opens_at"], zone)),
        (pgettext("jendela", "Ditutup"), local_time_long(context["closes_at"], zone)),
    ]


def _see_window(context: Context) -> Action:
    url = page_url("admin:quotas_releasewindow_change", context["window"])
    return _("Lihat pembukaan kuota"), url


def _confirm(context: Context) -> Action:
    return _("Ya, beri tahu saya"), context["confirm_url"]


def _closing_row(context: Context) -> list[Row]:
    closes = local_time_long(context["closes_at"], context["office"]["time_zone"])
    return [(pgettext("jendela", "Ditutup"), closes)]


def _choose_slot(context: Context) -> Action:
    return _("Pilih hari dan jam"), page_url("booking:office", context["office"]["code"])


WINDOW: Final = frozenset({"office", "first_on", "last_on", "places", "closes_at"})
register(
    MessageKind(
        name="window_opened",
        group=Group.STAFF,
        keys=WINDOW | {"opens_at", "window"},
        rows=_window_rows,
        action=_see_window,
    ),
    MessageKind(
        name="watch_confirm",
        keys=frozenset({"office", "confirm_url"}),
        action=_confirm,
        group=Group.ACCESS,
    ),
    MessageKind(
        name="watch_opened",
        keys=WINDOW | {"stop_url"},
        rows=_closing_row,
        action=_choose_slot,
        group=Group.OPTIONAL,
        unsubscribe="stop_url",
        has_own_confirmation=True,
    ),
)

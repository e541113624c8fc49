"""The officers' screen of presets: choose one, see what it does to the office, load it."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.languages import localized
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from quotas.policies.errors import ConfirmationNeeded
from quotas.rules.views import FEWEST_AHEAD, basis_sent, blame, caution_rows, saved
from scenarios import services
from scenarios.forms import PresetForm
from scenarios.services import PresetOrder, PresetPreview

SAVED: Final = gettext_lazy(
    "Preset dimuat. Pembukaan kuota yang belum berlangsung sudah disesuaikan."
)


@officer_view(writes=Right.LOAD_PRESET)
def presets(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Choose a preset for the office, preview every rule that it changes, and load it."""
    form = PresetForm(request.POST or None, initial={"valid_from": officer.day + FEWEST_AHEAD})
    response, preview = None, None
    if request.method == "POST" and form.is_valid():
        response, preview = _decide(request, officer, form)
    if response is not None:
        return response
    sent = request.POST.getlist("confirm")
    cautions = [] if preview is None else preview.change.cautions
    context = {
        "title": _("Muat preset"),
        "form": form,
        "preview": preview,
        "previewed": form.previewed() if preview is not None else "",
        "protocols": [] if preview is None else _protocol_names(preview),
        "cautions": caution_rows(officer.office, cautions, sent),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "scenarios/presets.html", context, status=status)


def _protocol_names(preview: PresetPreview) -> list[str]:
    """Return the names of the gate's protocol before and after, empty without one."""
    rows = (preview.protocol_before, preview.protocol_after)
    return ["" if row is None else localized(row) for row in rows]


def _decide(
    request: HttpRequest, officer: OfficerContext, form: PresetForm
) -> tuple[HttpResponse | None, PresetPreview | None]:
    """Load the preset of a valid form if its effects were shown and confirmed, else return them."""
    order = form.order(officer.office)
    is_shown = request.POST.get("previewed") == form.previewed()
    try:
        if "save" in request.POST and is_shown:
            services.apply_preset(
                order=order,
                by=officer.user,
                now=officer.now,
                basis=basis_sent(request),
                confirmed=request.POST.getlist("confirm"),
            )
            return saved(officer, request, success=SAVED), None
        if "save" in request.POST:
            form.add_error(
                None, _("Preset atau tanggalnya berubah. Baca dampaknya, lalu simpan lagi.")
            )
    except ConfirmationNeeded as error:
        form.add_error(None, str(error))
    except DomainError as error:
        blame(form, error)
        return None, None
    return None, _previewed(form, order, officer)


def _previewed(
    form: PresetForm, order: PresetOrder, officer: OfficerContext
) -> PresetPreview | None:
    try:
        return services.preview_preset(order=order, now=officer.now)
    except DomainError as error:
        blame(form, error)
        return None

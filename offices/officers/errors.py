"""Errors of managing officers."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OfficerOfOthers(DomainError):
    """The officer also works at another office; only the directorate may manage them."""

    code = "officer_of_others"
    http_status = 409
    message = _(
        "Petugas ini juga bertugas di tempat lain. Mintalah direktorat jenderal mengubah akunnya."
    )

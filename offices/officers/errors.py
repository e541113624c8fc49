"""Rules about an office's officers that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OfficerOfOthers(DomainError):
    """An officer who also works elsewhere is managed by the directorate."""

    code = "officer_of_others"
    http_status = 409
    message = _(
        "Petugas ini juga bertugas di tempat lain. Mintalah direktorat jenderal mengubah akunnya."
    )

"""Rules about applications that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ProductNotMade(DomainError):
    """The office does not issue the product of the prepared application."""

    code = "product_not_made"
    http_status = 409
    message = _(
        "%(office)s hanya melayani %(products)s (%(instrument)s). Ubah jenis paspor pada permohonan, atau pilih kantor lain."
    )

"""Rules about restrictions and booking limits that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AbsenceUnresolved(DomainError):
    """The office may not have been able to serve the booking; a supervisor decides about that day."""

    code = "absence_unresolved"
    http_status = 409
    message = _(
        "Belum pasti apakah kantor dapat melayani pada jam itu. Supervisor memutuskannya lebih dulu."
    )


class Restricted(DomainError):
    """One of the people missed a booking and cannot book online for a while."""

    code = "restricted"
    http_status = 403
    message = _(
        "%(name)s tidak datang pada jadwal sebelumnya sehingga tidak dapat memesan secara daring sampai %(until)s (%(instrument)s). Anda punya alasan? Ajukan keberatan di halaman Pembatasan, atau datang langsung ke kantor."
    )


class LimitReached(DomainError):
    """The account, phone number or device has reached its booking limit."""

    code = "limit_reached"
    http_status = 403
    message = _("Batas pemesanan daring sudah tercapai.")


class RestrictionOver(DomainError):
    code = "restriction_over"
    http_status = 409
    message = _(
        "Pembatasan ini sudah tidak berlaku. Muat ulang halaman untuk melihat keadaan terbaru."
    )

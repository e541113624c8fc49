"""Errors of letters of authority."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class LetterNotNeeded(DomainError):
    """A passport that was handed over or cancelled is collected by nobody."""

    code = "letter_not_needed"
    http_status = 409
    message = _("Paspor ini sudah diambil atau dibatalkan, sehingga surat kuasa tidak diperlukan.")


class LetterWithdrawn(DomainError):
    """The letter was replaced or withdrawn since the page was loaded."""

    code = "letter_withdrawn"
    http_status = 409
    message = _("Surat kuasa ini sudah dicabut atau diganti. Berikut keadaan terbarunya.")


class LetterNotValid(InvalidInput):
    """The number on the paper is not that of the letter in force for this passport."""

    code = "letter_not_valid"
    message = _(
        "Nomor surat kuasa tidak cocok dengan surat yang berlaku untuk paspor ini. Pindai lagi, atau minta pemilik membuat surat baru."
    )


class WrongCollector(InvalidInput):
    """The letter in force names somebody else."""

    code = "wrong_collector"
    message = _("Surat kuasa yang berlaku atas nama orang lain. Cocokkan dengan KTP pengambil.")

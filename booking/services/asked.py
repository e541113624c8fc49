"""What a request for an hour says, checked before anything is read that only a good one needs."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from booking.selectors import Hour, hour_of
from booking.services.hours import check_online, check_served
from core.errors import InvalidInput
from offices.models import ServiceType

PARTY_LIMIT: Final = 5
KEY_LENGTH: Final = 64


def check_shape(applicant_ids: Sequence[int], key: str) -> None:
    """Raise InvalidInput with its fields when the request can be nobody's."""
    mistakes: dict[str, list[Any]] = {}
    if not applicant_ids:
        mistakes["applicants"] = [_("Pilih setidaknya satu orang.")]
    elif len(applicant_ids) > PARTY_LIMIT:
        mistakes["applicants"] = [
            _("Sekali memesan paling banyak untuk 5 orang. Kurangi pilihan Anda.")
        ]
    elif len(set(applicant_ids)) < len(applicant_ids):
        mistakes["applicants"] = [
            _("Orang yang sama tertulis dua kali. Pilih setiap orang satu kali.")
        ]
    if not key or len(key) > KEY_LENGTH or not key.isprintable():
        mistakes["key"] = [_("Kunci permintaan berisi 1 sampai 64 tanda.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def asked_hour(slot_id: int) -> Hour:
    """Return the hour that is asked for. Raises InvalidInput when it cannot be booked online."""
    hour = hour_of(slot_id)
    check_online(hour.slot if hour else None)
    assert hour is not None
    return hour


def asked_service(code: str, hour: Hour) -> ServiceType:
    """Return the service that is asked for. Raises InvalidInput when it is not what the hour is for."""
    service = next((row for row in hour.services if row.code == code), None)
    if service is None:
        text = _("Layanan ini tidak ada di kantor yang Anda pilih. Pilih layanan atau kantor lain.")
        raise InvalidInput(fields={"service_type": [text]})
    if service.group_id != hour.slot.group_id:
        text = _("Jam ini untuk kelompok layanan lain. Pilih jam dari kalender layanan Anda.")
        raise InvalidInput(fields={"slot": [text]})
    check_served(hour.slot, service)
    return service

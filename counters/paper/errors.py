"""Errors of the paper list."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CounterServedAnother(DomainError):
    """The counter served another visit at the time on the paper list."""

    code = "counter_served_another"
    http_status = 409
    message = _(
        "%(counter)s pukul %(begin)s–%(end)s melayani nomor %(ticket)s. Satu loket melayani satu orang: "
        "betulkan jamnya, atau pilih loket lain."
    )

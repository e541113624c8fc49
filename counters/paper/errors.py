"""Rules about the paper list that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CounterServedAnother(DomainError):
    """At that counter somebody else was served at the time that stands on the paper."""

    code = "counter_served_another"
    http_status = 409
    message = _(
        "%(counter)s pukul %(begin)s–%(end)s melayani nomor %(ticket)s. Satu loket melayani satu orang: "
        "betulkan jamnya, atau pilih loket lain."
    )

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class BookingConfig(AppConfig):
    name = "booking"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Booking")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends."""
        from booking.services import (  # noqa: F401
            broker_messages,
            lottery_messages,
            messages,
            waiting_messages,
        )

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class BookingConfig(AppConfig):
    name = "booking"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Booking")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends and of data that it keeps."""
        from booking import retention  # noqa: F401
        from booking.bookings import messages as bookings_messages  # noqa: F401
        from booking.bookings.views import describe_slot
        from booking.integrity import messages as integrity_messages  # noqa: F401
        from booking.lottery import messages as lottery_messages  # noqa: F401
        from booking.payments import messages as payments_messages  # noqa: F401
        from booking.public.excuse import excuse_part
        from booking.public.ticket_page import PARTS
        from booking.restrictions import messages as restrictions_messages  # noqa: F401
        from booking.restrictions.selectors import restricted_people
        from booking.waiting_list import messages as waiting_list_messages  # noqa: F401
        from core.destinations import register_destination
        from quotas.plan.decrees import NoShowDecree
        from quotas.rules.effects import register_effects

        register_effects(NoShowDecree, restricted_people)
        if excuse_part not in PARTS:
            PARTS.append(excuse_part)
        register_destination("booking:book", describe_slot)

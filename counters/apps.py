from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CountersConfig(AppConfig):
    name = "counters"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Loket")

    def ready(self) -> None:
        """Register the messages that this app sends, the data that it keeps, and turns of bookings."""
        from counters import retention  # noqa: F401
        from counters.display import turns  # noqa: F401
        from counters.production import messages as production_messages  # noqa: F401
        from counters.service import messages as service_messages  # noqa: F401

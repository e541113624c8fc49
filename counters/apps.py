from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CountersConfig(AppConfig):
    name = "counters"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Loket")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends and of data that it keeps."""
        from counters import retention  # noqa: F401
        from counters.outages import messages as outages_messages  # noqa: F401
        from counters.production import messages as production_messages  # noqa: F401
        from counters.service import messages as service_messages  # noqa: F401

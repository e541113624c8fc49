from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CountersConfig(AppConfig):
    name = "counters"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Loket")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends."""
        from counters.services import messages  # noqa: F401

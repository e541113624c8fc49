from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class OfficesConfig(AppConfig):
    name = "offices"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Kantor")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends and of data that it keeps."""
        from offices import retention  # noqa: F401
        from offices.officers import messages as officers_messages  # noqa: F401

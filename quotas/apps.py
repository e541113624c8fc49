from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class QuotasConfig(AppConfig):
    name = "quotas"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Kuota")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends and of data that it keeps."""
        from quotas import retention  # noqa: F401
        from quotas.windows import messages as windows_messages  # noqa: F401

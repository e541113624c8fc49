from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Pelindungan data")

    def ready(self) -> None:
        """Register the kinds of data that span several apps, and the kinds of messages of this app."""
        from privacy import kinds_of_data  # noqa: F401
        from privacy.requests import evidence  # noqa: F401
        from privacy.requests import messages as requests_messages  # noqa: F401

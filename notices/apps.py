from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Pesan")

    def ready(self) -> None:
        """Register the kinds of data that this app keeps."""
        from notices import retention  # noqa: F401

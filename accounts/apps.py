from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Akun")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends and of data that it keeps."""
        from accounts import messages, preferences, retention  # noqa: F401

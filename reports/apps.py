from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Laporan")

    def ready(self) -> None:
        """Register the kinds of messages that this app sends, and what the form of a quota says."""
        from reports.advice import hints  # noqa: F401
        from reports.paper_list import messages as paper_list_messages  # noqa: F401

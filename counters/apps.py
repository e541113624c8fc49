from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CountersConfig(AppConfig):
    name = "counters"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = pgettext_lazy("jamak", "Loket")

    def ready(self) -> None:
        """Register messages, kinds of data that are kept, and the parts of other apps' pages."""
        from booking.public.office_parts import OFFICE_PARTS
        from booking.public.ticket_page import PARTS
        from counters import retention  # noqa: F401
        from counters.authority import messages as authority_messages  # noqa: F401
        from counters.display import turns  # noqa: F401
        from counters.drive_thru.selectors import people_of_closed_lane
        from counters.integrity import searches  # noqa: F401
        from counters.outages import messages as outages_messages  # noqa: F401
        from counters.production import messages as production_messages  # noqa: F401
        from counters.screening import selectors as screening_selectors  # noqa: F401
        from counters.service import messages as service_messages  # noqa: F401
        from counters.survey.office_part import satisfaction_part
        from counters.tracking.ticket import passport_part
        from quotas.plan.decrees import AdmissionDecree
        from quotas.rules.effects import register_effects

        register_effects(AdmissionDecree, people_of_closed_lane)

        if satisfaction_part not in OFFICE_PARTS:
            OFFICE_PARTS.append(satisfaction_part)
        if passport_part not in PARTS:
            PARTS.append(passport_part)

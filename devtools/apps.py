from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    name = "devtools"

    def ready(self) -> None:
        """Add the way to the demo's bank to the tickets."""
        from booking.public.ticket_page import PARTS
        from devtools.bank import bank_part

        if bank_part not in PARTS:
            PARTS.append(bank_part)

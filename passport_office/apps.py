from django.apps import AppConfig


class PassportOfficeConfig(AppConfig):
    name = "passport_office"
    default_auto_field = "django.db.models.BigAutoField"

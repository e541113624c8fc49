from django.apps import AppConfig
from django.urls import register_converter

from core.converters import DayConverter, IdConverter


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_converter(DayConverter, "day")
        register_converter(IdConverter, "id")

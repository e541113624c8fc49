"""Makes our admin site the default one, with our form fields in every list."""

from django.contrib.admin import apps


class OfficeAdminConfig(apps.AdminConfig):
    default = False
    default_site = "passport_office.admin_site.OfficeAdminSite"

    def ready(self) -> None:
        """Replace Django's form fields before the lists are registered, those of packages included."""
        from django.contrib.admin import options

        from core.fields import FORM_FIELDS

        for kind, form_class in FORM_FIELDS.items():
            options.FORMFIELD_FOR_DBFIELD_DEFAULTS.setdefault(kind, {})["form_class"] = form_class
        super().ready()

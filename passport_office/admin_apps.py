"""Makes our admin site the default one, with our form fields in every list."""

from django.contrib.admin import apps


class OfficeAdminConfig(apps.AdminConfig):
    default = False
    default_site = "passport_office.admin_site.OfficeAdminSite"

    def ready(self) -> None:
        """Replace Django's form fields before the lists are registered, those of packages included."""
        from django.contrib.admin import options

        from core.fields import FORM_FIELDS

        defaults = options.FORMFIELD_FOR_DBFIELD_DEFAULTS
        for kind, form_class in FORM_FIELDS.items():
            known = [defaults[base] for base in kind.__mro__ if base in defaults]
            defaults[kind] = {**(known[0] if known else {}), "form_class": form_class}
        super().ready()
        # The package searches by a user name, which our accounts do not have.
        from allauth.usersessions.admin import UserSessionAdmin

        UserSessionAdmin.search_fields = ["user__email", "ip"]

"""Makes our admin site the default one."""

from django.contrib.admin import apps


class OfficeAdminConfig(apps.AdminConfig):
    default = False
    default_site = "passport_office.admin_site.OfficeAdminSite"

"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from passport_office import health, mailbox

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("passport_office.page_urls")),
    path("akun/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    urlpatterns += [path("demo/mailbox/", mailbox.mailbox, name="mailbox")]

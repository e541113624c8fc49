"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from passport_office import api_docs, health, mailbox, metrics

handler400 = "passport_office.refusals.bad_request"
handler403 = "passport_office.refusals.permission_denied"
handler404 = "passport_office.refusals.not_found"
handler429 = "passport_office.refusals.too_many"
handler500 = "passport_office.refusals.server_error"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("", include("booking.urls")),
    path("", include("passport_office.page_urls")),
    path("akun/", include("accounts.urls")),
    path("akun/", include("allauth.urls")),
    path("api/v1/", include("passport_office.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", api_docs.show, name="api_docs"),
    path("admin/", include("booking.admin_urls")),
    path("admin/", include("booking.closure_urls")),
    path("admin/", include("booking.broker_urls")),
    path("admin/", include("offices.admin_urls")),
    path("admin/", include("counters.admin_urls")),
    path("admin/", include("reports.admin_urls")),
    path("admin/", include("passport_office.handbook_urls")),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/mailbox/", mailbox.mailbox, name="mailbox"),
        path("demo/mailbox/<slug:name>/", mailbox.letter, name="mailbox_letter"),
        path(
            "demo/mailbox/<slug:name>/jadwal.ics", mailbox.letter_calendar, name="mailbox_calendar"
        ),
    ]

"""The URLs of the whole project."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from ops import health, metrics
from pages import api_docs

handler400 = "pages.errors.bad_request"
handler403 = "pages.errors.permission_denied"
handler404 = "pages.errors.not_found"
handler429 = "pages.errors.too_many"
handler500 = "pages.errors.server_error"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("", include("booking.urls")),
    path("", include("notices.urls")),
    path("", include("counters.public_urls")),
    path("", include("counters.feedback_urls")),
    path("", include("pages.urls")),
    path("", include("counters.drive_thru.urls")),
    path("", include("counters.tracking.urls")),
    path("transparency/", include("reports.transparency.urls")),
    path("akun/data/", include("privacy.urls")),
    path("akun/", include("accounts.urls")),
    path("akun/", include("allauth.urls")),
    path("api/v1/", include("passport_office.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", api_docs.show, name="api_docs"),
    path("admin/", include("booking.officer_urls")),
    path("admin/", include("offices.officer_urls")),
    path("admin/", include("counters.officer_urls")),
    path("admin/", include("scenarios.urls")),
    path("admin/", include("reports.officer_urls")),
    path("admin/", include("privacy.officer_urls")),
    path("admin/", include("pages.handbook_urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG or settings.DEMO:
    urlpatterns += [path("", include("devtools.urls"))]

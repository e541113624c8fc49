"""Addresses of the pages that belong to no room."""

from django.conf import settings
from django.urls import path

from passport_office import pages, styleguide

app_name = "pages"
urlpatterns = [
    path("pilihan/bahasa/", pages.set_language, name="set_language"),
    path("pilihan/tampilan/", pages.set_theme, name="set_theme"),
    path("akun/", pages.account, name="account"),
    path("syarat/", pages.requirements, name="requirements"),
    path("bantuan/", pages.help_page, name="help"),
    path("pengaduan/", pages.complaints, name="complaints"),
    path("data-pribadi/", pages.privacy, name="privacy"),
    path("aksesibilitas/", pages.accessibility, name="accessibility"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", pages.robots, name="robots"),
    path("luring/", pages.offline, name="offline"),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns += [
        path("styleguide/", styleguide.show, name="styleguide"),
        path("styleguide/desk/", styleguide.show_desk, name="styleguide_desk"),
        path("styleguide/errors/<int:status>/", styleguide.show_error, name="styleguide_error"),
    ]

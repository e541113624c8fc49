"""URLs of the pages that belong to no feature."""

from django.urls import path

from pages import views

app_name = "pages"
urlpatterns = [
    path("pilihan/bahasa/", views.set_language, name="set_language"),
    path("pilihan/tampilan/", views.set_theme, name="set_theme"),
    path("akun/", views.account, name="account"),
    path("syarat/", views.requirements, name="requirements"),
    path("bantuan/", views.help_page, name="help"),
    path("pengaduan/", views.complaints, name="complaints"),
    path("data-pribadi/", views.privacy, name="privacy"),
    path("aksesibilitas/", views.accessibility, name="accessibility"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("luring/", views.offline, name="offline"),
]

"""URLs of the officers' screen of presets, under /admin/."""

from django.urls import path

from scenarios import views

app_name = "presets"
urlpatterns = [path("rules/presets/", views.presets, name="presets")]

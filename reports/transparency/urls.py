"""URLs of the public figures, under /transparency/."""

from django.urls import path

from reports.transparency import views

app_name = "transparency"
urlpatterns = [
    path("", views.index, name="index"),
    path("data/", views.dictionary, name="dictionary"),
    path("data/<slug:name>.csv", views.data_csv, name="data_csv"),
    path("data/<slug:name>.json", views.data_json, name="data_json"),
    path("<slug:code>/", views.office, name="office"),
]

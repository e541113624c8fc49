"""URLs of closing the day."""

from django.urls import path

from counters.closing import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("closing/", views.closing, name="closing"),
    path("closing/informed/<id:displacement_id>/", views.informed, name="closing_informed"),
]

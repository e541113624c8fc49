"""URLs of pickup."""

from django.urls import path

from counters.pickup import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("pickup/", views.pickup, name="pickup"),
    path("pickup/<id:book_id>/", views.hand_over, name="hand_over"),
    path("pickup/files/<id:file_id>/", views.pickup_file, name="pickup_file"),
]

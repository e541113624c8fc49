"""URLs of photos of documents."""

from django.urls import path

from booking.photos import officer_views, views

PHOTOS = "people/<id:applicant_id>/application/<slug:code>/photos/"
urlpatterns = [
    path(PHOTOS, views.photos, name="photos"),
    path(f"{PHOTOS}<slug:document>/", views.photo, name="photo"),
    path(f"{PHOTOS}<slug:document>/file/", views.photo_file, name="photo_file"),
    path(f"{PHOTOS}<slug:document>/remove/", views.photo_remove, name="photo_remove"),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("photos/<uuid:booking_id>/<slug:document>/", officer_views.photo, name="photo"),
]

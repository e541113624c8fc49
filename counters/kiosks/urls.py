"""URLs of the supervisor's screen of kiosks."""

from django.urls import path

from counters.kiosks import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("kiosks/", views.kiosks, name="kiosks"),
    path("kiosks/<id:kiosk_id>/revoke/", views.kiosk_revoke, name="kiosk_revoke"),
]

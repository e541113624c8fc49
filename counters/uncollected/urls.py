"""URLs of uncollected passports."""

from django.urls import path

from counters.uncollected import views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("pickup/uncollected/", views.uncollected, name="uncollected"),
]

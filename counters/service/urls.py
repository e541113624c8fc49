"""URLs of the counter."""

from django.urls import path, re_path

from counters.service import views

VISIT_VERBS = "start|recall|skip|leave|incomplete|put_back|transfer|resume|rework|refuse|convert"

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("counter/", views.counter, name="counter"),
    path("counter/take/<id:counter_id>/", views.counter_take, name="counter_take"),
    path("counter/out-of-order/", views.counter_out_of_order, name="counter_out_of_order"),
    re_path(r"^counter/(?P<verb>pause|resume|leave|next)/$", views.counter_do, name="counter_do"),
    path("counter/visits/<id:visit_id>/work/", views.counter_work, name="counter_work"),
    path("counter/visits/<id:visit_id>/draft/", views.counter_draft, name="counter_draft"),
    path("counter/visits/<id:visit_id>/receipt/", views.counter_receipt, name="counter_receipt"),
    re_path(
        rf"^counter/visits/(?P<visit_id>[0-9]{{1,18}})/(?P<verb>{VISIT_VERBS})/$",
        views.counter_visit,
        name="counter_visit",
    ),
]

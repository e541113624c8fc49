"""URLs of the survey."""

from django.urls import path

from counters.survey import messages, officer_views, services, views
from notices.views import entrance

urlpatterns = [
    path("survey/<id:invitation_id>/", views.survey, name="survey"),
    path("survey/<id:invitation_id>/stop/", views.stop, name="survey_stop"),
    path("survey/<str:token>/open/", entrance(messages.ANSWER_LINK), name="survey_link"),
    path(
        "survey/<str:token>/end/",
        entrance(messages.STOP_LINK, one_click=services.stop_by_mail_program),
        name="survey_stop_link",
    ),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("satisfaction/", officer_views.satisfaction, name="satisfaction"),
]

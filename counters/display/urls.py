"""URLs of boards and kiosks."""

from django.urls import path

from core.public_pages import public_page
from counters.display import api, kiosk_views, views
from counters.display.selectors import REFRESH_SECONDS

urlpatterns = [
    path("board/<slug:code>/", views.board, name="board"),
    path("board/<slug:code>/<slug:hall>/", views.board, name="board_of_hall"),
    path("kiosk/<slug:code>/", kiosk_views.kiosk, name="kiosk"),
]
# Under /api/v1/.
api_urlpatterns = [
    path(
        "offices/<slug:code>/board/",
        public_page("hall", seconds=REFRESH_SECONDS)(api.BoardView.as_view()),
        name="office_board",
    ),
    path("kiosk/pair/", api.PairView.as_view(), name="kiosk_pair"),
    path("kiosk/check-in/", api.KioskCheckInView.as_view(), name="kiosk_check_in"),
]

"""URLs of boards and kiosks."""

from django.urls import path

from core.public_pages import public_page
from counters.display import api, views
from counters.display.selectors import REFRESH_SECONDS

urlpatterns = [
    path("board/<slug:code>/", views.board, name="board"),
    path("board/<slug:code>/<slug:hall>/", views.board, name="board_of_hall"),
]
# Under /api/v1/.
api_urlpatterns = [
    path(
        "offices/<slug:code>/board/",
        public_page("hall", seconds=REFRESH_SECONDS)(api.BoardView.as_view()),
        name="office_board",
    ),
]

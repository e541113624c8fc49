"""Pages of development and of the demo: the style guide and the mailbox."""

from django.conf import settings
from django.urls import path

from devtools import mailbox, styleguide

urlpatterns = [
    path("styleguide/", styleguide.show, name="styleguide"),
    path("styleguide/desk/", styleguide.show_desk, name="styleguide_desk"),
    path("styleguide/errors/<id:status>/", styleguide.show_error, name="styleguide_error"),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/mailbox/", mailbox.mailbox, name="mailbox"),
        path("demo/mailbox/<slug:name>/", mailbox.message, name="mailbox_letter"),
        path(
            "demo/mailbox/<slug:name>/jadwal.ics", mailbox.message_calendar, name="mailbox_calendar"
        ),
    ]

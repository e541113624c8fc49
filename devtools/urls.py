"""Pages of development and of the demo: the style guide, the day to try, the mailbox."""

from django.conf import settings
from django.urls import path

from devtools import bank, gateway, mailbox, styleguide
from devtools.trial import views as trial

urlpatterns = [
    path("styleguide/", styleguide.show, name="styleguide"),
    path("styleguide/desk/", styleguide.show_desk, name="styleguide_desk"),
    path("styleguide/errors/<id:status>/", styleguide.show_error, name="styleguide_error"),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/", trial.show, name="demo"),
        path("demo/sign-in/", trial.sign_in, name="demo_sign_in"),
        path("demo/scene/", trial.move, name="demo_scene"),
        path("demo/progress/", trial.progress, name="demo_progress"),
        path("demo/bank/", bank.bank, name="demo_bank"),
        path("demo/bank/settlement.csv", bank.settlement, name="demo_settlement"),
        path("demo/gateway/", gateway.receive, name="demo_gateway"),
        path("demo/mailbox/", mailbox.mailbox, name="mailbox"),
        path("demo/mailbox/<slug:name>/", mailbox.message, name="mailbox_letter"),
        path(
            "demo/mailbox/<slug:name>/jadwal.ics", mailbox.message_calendar, name="mailbox_calendar"
        ),
    ]

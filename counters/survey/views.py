"""The survey, opened by the link of an invitation."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError
from core.forms import add_errors, submitted
from counters.survey import services
from counters.survey.forms import SurveyForm
from counters.survey.messages import ANSWER_LINK, STOP_LINK
from notices import links


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Show the nine questions; record the answer once."""
    now = clock.now()
    use = links.require(request, ANSWER_LINK, invitation_id, now=now)
    row = services.get_invitation(invitation_id)
    form = SurveyForm(submitted(request))
    if request.method == "POST" and row.answered_at is None and form.is_valid():
        try:
            services.answer_survey(invitation_id=row.pk, scores=form.cleaned_data, use=use, now=now)
        except DomainError as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(request.path)
    context = {"office": row.office, "form": form, "is_answered": row.answered_at is not None}
    status = 400 if form.errors else 200
    return render(request, "counters/survey/survey.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Stop invitations with a button, because mail programs open links on their own."""
    now = clock.now()
    use = links.require(request, STOP_LINK, invitation_id, now=now)
    row = services.get_invitation(invitation_id)
    if request.method == "POST":
        services.stop_invitations(invitation_id=row.pk, use=use, now=now)
        return HttpResponseRedirect(request.path)
    context = {"is_stopped": row.stopped_at is not None}
    return render(request, "counters/survey/survey_stop.html", context)

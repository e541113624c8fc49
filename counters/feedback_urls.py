"""Public pages for feedback about an office: complaints and the satisfaction survey."""

from counters.complaints import urls as complaints_urls
from counters.survey import urls as survey_urls

app_name = "feedback"
urlpatterns = [
    *complaints_urls.urlpatterns,
    *survey_urls.urlpatterns,
]

"""Public pages on which people say what they think of an office: complaints and the survey."""

from counters.complaints import urls as complaints_urls
from counters.survey import urls as survey_urls

app_name = "voices"
urlpatterns = [
    *complaints_urls.urlpatterns,
    *survey_urls.urlpatterns,
]

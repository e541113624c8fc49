"""Officers' screens, under /admin/."""

from reports.forecast import urls as forecast_urls
from reports.load import urls as load_urls
from reports.paper_list import urls as paper_list_urls

app_name = "reports"
urlpatterns = [
    *paper_list_urls.officer_urlpatterns,
    *forecast_urls.officer_urlpatterns,
    *load_urls.officer_urlpatterns,
]

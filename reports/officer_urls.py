"""Officers' screens, under /admin/."""

from reports.advice import urls as advice_urls
from reports.evidence import urls as evidence_urls
from reports.forecast import urls as forecast_urls
from reports.load import urls as load_urls
from reports.paper_list import urls as paper_list_urls
from reports.promises import urls as promises_urls
from reports.reminders import urls as reminders_urls
from reports.simulation import urls as simulation_urls
from reports.subscriptions import urls as subscriptions_urls

app_name = "reports"
urlpatterns = [
    *paper_list_urls.officer_urlpatterns,
    *forecast_urls.officer_urlpatterns,
    *load_urls.officer_urlpatterns,
    *promises_urls.officer_urlpatterns,
    *reminders_urls.officer_urlpatterns,
    *evidence_urls.officer_urlpatterns,
    *simulation_urls.officer_urlpatterns,
    *advice_urls.officer_urlpatterns,
    *subscriptions_urls.officer_urlpatterns,
]

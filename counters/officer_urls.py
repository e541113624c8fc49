"""Officers' screens, under /admin/."""

from booking.waiting_list import urls as booking_waiting_list_urls
from counters.assist import urls as assist_urls
from counters.capacity import urls as capacity_urls
from counters.closing import urls as closing_urls
from counters.complaints import urls as complaints_urls
from counters.drive_thru import urls as drive_thru_urls
from counters.estimates import urls as estimates_urls
from counters.gate import urls as gate_urls
from counters.kiosks import urls as kiosks_urls
from counters.outages import urls as outages_urls
from counters.paper import urls as paper_urls
from counters.pickup import urls as pickup_urls
from counters.production import urls as production_urls
from counters.screening import urls as screening_urls
from counters.service import urls as service_urls
from counters.survey import urls as survey_urls
from counters.today import urls as today_urls
from counters.uncollected import urls as uncollected_urls
from counters.walk_in import urls as walk_in_urls
from offices.rosters import urls as offices_rosters_urls
from offices.switch import urls as offices_switch_urls
from quotas.rules import urls as quotas_rules_urls

app_name = "counters"
urlpatterns = [
    *gate_urls.officer_urlpatterns,
    *kiosks_urls.officer_urlpatterns,
    *walk_in_urls.officer_urlpatterns,
    *assist_urls.officer_urlpatterns,
    *screening_urls.officer_urlpatterns,
    *estimates_urls.officer_urlpatterns,
    *paper_urls.officer_urlpatterns,
    *service_urls.officer_urlpatterns,
    *outages_urls.officer_urlpatterns,
    *production_urls.officer_urlpatterns,
    *pickup_urls.officer_urlpatterns,
    *drive_thru_urls.officer_urlpatterns,
    *uncollected_urls.officer_urlpatterns,
    *today_urls.officer_urlpatterns,
    *closing_urls.officer_urlpatterns,
    *complaints_urls.officer_urlpatterns,
    *survey_urls.officer_urlpatterns,
    *offices_switch_urls.officer_urlpatterns,
    *capacity_urls.officer_urlpatterns,
    *offices_rosters_urls.officer_urlpatterns,
    *quotas_rules_urls.officer_urlpatterns,
    *booking_waiting_list_urls.officer_urlpatterns,
]

"""Officers' screens, under /admin/."""

from offices.inspections import urls as inspections_urls
from offices.officers import urls as officers_urls

app_name = "officers"
urlpatterns = [
    *officers_urls.officer_urlpatterns,
    *inspections_urls.officer_urlpatterns,
]

"""Officers' screens, under /admin/."""

from offices.officers import urls as officers_urls

app_name = "officers"
urlpatterns = [
    *officers_urls.officer_urlpatterns,
]

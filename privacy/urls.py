"""The account's pages about its own data, under /akun/data/."""

from privacy.requests import urls as requests_urls

app_name = "privacy"
urlpatterns = [*requests_urls.urlpatterns]

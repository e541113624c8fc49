"""URLs of the rules."""

from django.urls import path

from quotas.rules import decree_views, terms, views

# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/places/", views.add_places, name="rules_places"),
    path("rules/roll-over/", views.roll_over, name="rules_roll_over"),
    path("rules/ledger/", views.ledger, name="rules_ledger"),
    path("rules/quota/<slug:lane>/<slug:group>/", views.change_quota, name="rules_quota"),
    path("rules/opening/<slug:lane>/<slug:group>/", views.change_release, name="rules_release"),
    path("rules/decrees/", decree_views.decrees, name="decrees"),
    path("rules/decrees/<slug:kind>/", decree_views.decree, name="decree"),
    *(
        path(f"rules/{name.replace('_', '-')}/", view, name=f"rules_{name}")
        for name, view in terms.VIEWS.items()
    ),
]

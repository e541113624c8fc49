"""The API of accounts."""

from django.urls import path

from accounts import api
from accounts.webhooks import api as webhooks

urlpatterns = [
    path("auth/register/", api.RegisterView.as_view(), name="auth_register"),
    path("auth/confirm/", api.ConfirmView.as_view(), name="auth_confirm"),
    path("auth/token/", api.TokenView.as_view(), name="auth_token"),
    path("auth/tokens/", api.TokensView.as_view(), name="auth_tokens"),
    path("auth/tokens/<str:token_id>/", api.TokenRowView.as_view(), name="auth_token_row"),
    path("auth/logout/", api.LogoutView.as_view(), name="auth_logout"),
    path("auth/logout-all/", api.LogoutAllView.as_view(), name="auth_logout_all"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<id:webhook_id>/", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<id:webhook_id>/test/", webhooks.WebhookTestView.as_view(), name="webhook_test"),
    path(
        "webhooks/<id:webhook_id>/secret/",
        webhooks.WebhookSecretView.as_view(),
        name="webhook_secret",
    ),
]

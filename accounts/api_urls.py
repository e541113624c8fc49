"""The API of accounts."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("auth/register/", api.RegisterView.as_view(), name="auth_register"),
    path("auth/confirm/", api.ConfirmView.as_view(), name="auth_confirm"),
    path("auth/token/", api.TokenView.as_view(), name="auth_token"),
    path("auth/tokens/", api.TokensView.as_view(), name="auth_tokens"),
    path("auth/tokens/<str:token_id>/", api.TokenRowView.as_view(), name="auth_token_row"),
    path("auth/logout/", api.LogoutView.as_view(), name="auth_logout"),
    path("auth/logout-all/", api.LogoutAllView.as_view(), name="auth_logout_all"),
]

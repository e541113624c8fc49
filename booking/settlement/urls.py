"""URLs of payments."""

from django.urls import path

from booking.settlement import api, officer_views, views

urlpatterns = [
    path("bookings/<slug:code>/payment/", views.receipt, name="receipt"),
    path("bookings/<slug:code>/payment.pdf", views.receipt_file, name="receipt_file"),
    path("bookings/<slug:code>/payment/code/", views.renew_code, name="renew_code"),
    path("bank/notices/", views.bank_notice, name="bank_notice"),
]
# Under /api/v1/.
api_urlpatterns = [
    path("payments/", api.PaymentsView.as_view(), name="payments"),
    path("payments/<str:code>/", api.PaymentOfBookingView.as_view(), name="payment"),
    path(
        "payments/<str:code>/billing-code/",
        api.NewBillingCodeView.as_view(),
        name="payment_code",
    ),
]
# Officers' screens, under /admin/.
officer_urlpatterns = [
    path("payments/", officer_views.payments, name="payments"),
    path("payments/<id:case_id>/", officer_views.payment, name="payment"),
    path("payments/files/<id:file_id>/", officer_views.settlement, name="settlement"),
]

"""Periodic tasks of refused bookings."""

from celery import shared_task

from booking.refusals import services
from core import clock


@shared_task(ignore_result=True)
def delete_expired_refusals() -> None:
    """Delete refusals after their time. Running it twice does no harm."""
    services.delete_expired(now=clock.now())

"""Periodic tasks of the forecast."""

from celery import shared_task

from core import clock
from offices.directory.selectors import list_offices
from reports.forecast import services


@shared_task(ignore_result=True)
def make_forecasts() -> None:
    """Forecast each office once a night. Running it again the same day does nothing."""
    for office in list_offices():
        services.forecast_due(office=office, now=clock.now())

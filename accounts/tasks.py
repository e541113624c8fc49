"""What beat runs for accounts."""

from celery import shared_task

from accounts import limits


@shared_task(ignore_result=True)
def delete_expired_limits() -> None:
    """Beat runs this every hour. Running it twice does no harm."""
    limits.delete_expired()

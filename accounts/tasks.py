"""Periodic tasks of accounts, and those of its features for Celery."""

from celery import shared_task

from accounts import limits
from accounts.webhooks import tasks as webhooks


@shared_task(ignore_result=True)
def delete_expired_limits() -> None:
    """Delete expired rate limits. Runs every hour; idempotent."""
    limits.delete_expired()

"""Template tags and filters of core.formats."""

from django import template

from core import formats

register = template.Library()
register.filter(formats.zone_name)
register.filter(formats.hour)
register.filter(formats.hour_zone)
register.simple_tag(formats.hours)
register.simple_tag(formats.hours_bare)
register.filter(formats.day_month)
register.filter(formats.day_month_long)
register.filter(formats.day_long)
register.filter(formats.weekday)
register.filter(formats.weekday_short)
register.filter(formats.date_short)
register.filter(formats.date_brief)
register.filter(formats.date_long)
register.filter(formats.month_year)
register.filter(formats.local_time)
register.filter(formats.local_time_long)
register.simple_tag(formats.day_and_hours)
register.filter(formats.iso)
register.simple_tag(formats.date_span)
register.filter(formats.number)
register.filter(formats.rupiah)
register.filter(formats.temperature)
register.filter(formats.duration)
register.filter(formats.short_name)
register.filter(formats.mask_email)
register.filter(formats.device)
register.filter(formats.keep_together)

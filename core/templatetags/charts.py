"""Template tags and filters of core.charts."""

from django import template

from core import charts

register = template.Library()
register.simple_tag(charts.bar_chart)
register.simple_tag(charts.line_chart)
register.simple_tag(charts.chart_key)

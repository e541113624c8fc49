"""The language switch."""

from django import template

from core import languages

register = template.Library()
register.simple_tag(languages.other_languages)

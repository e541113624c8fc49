"""Admin list of the rule for uncollected passports."""

from django.contrib import admin

from counters.production.models import CollectionRule
from offices.admin import ORDERED, OrderedAdmin


@admin.register(CollectionRule)
class CollectionRuleAdmin(OrderedAdmin):
    list_display = ("reminder_days", "cancelled_after_months", *ORDERED)

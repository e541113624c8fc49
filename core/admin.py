"""The base of every admin list: only its named filters are accepted as parameters."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import BooleanField, DateField, Model
from django.http import HttpRequest

DAY_PARTS: Final = ("year", "month", "day")


class NamedFiltersAdmin(admin.ModelAdmin):
    """Refuses every look-up in the address that is not one of the list's filters.

    Django accepts any look-up on the model's own fields, such as `?password__startswith=a`. A person who may open a list could then read fields that it does not show, one character at a time.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """True for the parameters of `list_filter`, `date_hierarchy`."""
        return lookup in set(self._parameters(request))

    def _parameters(self, request: HttpRequest | None) -> Iterator[str]:
        filters: Any = self.list_filter if request is None else self.get_list_filter(request)
        for item in filters:
            if isinstance(item, type) and issubclass(item, admin.SimpleListFilter):
                yield str(item.parameter_name)
            else:
                path = item[0] if isinstance(item, list | tuple) else item
                yield from _parameters_of_field(self.model, str(path))
        if self.date_hierarchy:
            yield from (f"{self.date_hierarchy}__{part}" for part in DAY_PARTS)


def _parameters_of_field(model: type[Model], path: str) -> Iterator[str]:
    """Return the parameters that Django's filter of this field puts into its links."""
    field: Any = get_fields_from_path(model, path)[-1]
    yield f"{path}__isnull"
    if field.is_relation:
        yield f"{path}__{field.target_field.name}__exact"
    elif isinstance(field, DateField):
        yield from (f"{path}__gte", f"{path}__lt")
    elif field.choices or isinstance(field, BooleanField):
        yield f"{path}__exact"
    else:
        yield path


def with_named_filters(admin_class: type[admin.ModelAdmin] | None) -> type[admin.ModelAdmin]:
    """Return the class itself or, for a class of a third party, one that also refuses other look-ups."""
    if admin_class is None:
        return NamedFiltersAdmin
    if issubclass(admin_class, NamedFiltersAdmin):
        return admin_class
    return type(admin_class.__name__, (NamedFiltersAdmin, admin_class), {"__module__": __name__})

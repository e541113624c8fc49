"""Known reports about Django's own lists and forms, by rule and element; docs/accessibility.md lists the same."""

# An axe rule and a part of the element's selector.
KNOWN = (
    ("label", "#id_", "the cells of a tabular inline are named by their column only"),
    ("select-name", "#id_", "the same, for a choice"),
    ("empty-table-header", "th", "the first column of a tabular inline"),
    ("scrollable-region-focusable", "-group", "a wide tabular inline that is only read"),
    ("label-title-only", "#searchbar", "the search field's label is a picture"),
)


def is_known(complaint: str) -> bool:
    """Return whether a report of axe is a known one."""
    return any(
        f"axe {rule}: " in complaint and element in complaint for rule, element, _why in KNOWN
    )

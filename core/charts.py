"""Charts as SVG, rendered on the server: no script, no style attribute. The page adds a table for each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.formats import number

LEFT: Final = 34
TOP: Final = 18
BOTTOM: Final = 24
STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10000)
MOST_LINES: Final = 5


def _scale(highest: float) -> tuple[int, int]:
    """Return the step between grid lines and the value of the highest line."""
    step = next((step for step in STEPS if highest / step <= MOST_LINES), STEPS[-1])
    return step, max(step, -(-int(highest + 0.999) // step) * step)


def _grid(width: int, height: int, step: int, top: int) -> Iterable[SafeString]:
    floor = height - BOTTOM
    for value in range(0, top + 1, step):
        y = round(floor - (floor - TOP) * value / top, 1)
        yield format_html(
            '<path class="{}" d="M{} {}H{}"/>', "grid" if value else "axis", LEFT, y, width
        )
        yield format_html(
            '<text x="{}" y="{}" text-anchor="end">{}</text>', LEFT - 6, y + 4, number(value)
        )


def _svg(width: int, height: int, label: Any, parts: Iterable[SafeString]) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width,
        height,
        label,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def bar_chart(chart: Mapping[str, Any]) -> SafeString:
    """Render groups of bars.

    chart: {labels: [text], series: [{name, values: [number or None], css: "c1".."c3"}], plan:
    [number or None] (a dashed outline behind, optional), label: a sentence, width=820, height=230,
    show: index of the series whose values are printed (default the last), mark: a position between
    bars (optional)}
    """
    labels: Sequence[Any] = chart["labels"]
    series: Sequence[Mapping[str, Any]] = chart["series"]
    plan: Sequence[float | None] = chart.get("plan") or [None] * len(labels)
    width, height = int(chart.get("width", 820)), int(chart.get("height", 230))
    known = [value for one in series for value in one["values"] if value is not None]
    step, top = _scale(max([*known, *(value for value in plan if value is not None), 1]))
    parts = list(_grid(width, height, step, top))
    if labels:
        slot = (width - LEFT) / len(labels)
        show = chart.get("show", len(series) - 1)
        for at, text in enumerate(labels):
            parts += _group(at, slot, height, top, plan[at], series, show)
            x = round(LEFT + slot * (at + 0.5), 1)
            parts.append(
                format_html(
                    '<text x="{}" y="{}" text-anchor="middle">{}</text>', x, height - 7, text
                )
            )
        if chart.get("mark") is not None:
            x = round(LEFT + slot * float(chart["mark"]), 1)
            parts.append(
                format_html('<path class="mark" d="M{} {}V{}"/>', x, TOP - 8, height - BOTTOM)
            )
    return _svg(width, height, chart["label"], parts)


def _group(
    at: int,
    slot: float,
    height: int,
    top: int,
    planned: float | None,
    series: Sequence[Mapping[str, Any]],
    show: int,
) -> Iterable[SafeString]:
    floor = height - BOTTOM
    inner = min(slot * 0.78, 120.0)
    left = LEFT + slot * at + (slot - inner) / 2

    def bar(css: str, x: float, wide: float, value: float) -> SafeString:
        tall = round((floor - TOP) * value / top, 1)
        return format_html(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
            css,
            round(x, 1),
            round(floor - tall, 1),
            round(wide, 1),
            tall,
        )

    if planned is not None:
        yield bar("c0", left - 2, inner + 4, planned)
    wide = inner / max(len(series), 1)
    for nth, one in enumerate(series):
        value = one["values"][at]
        if value is None:
            continue
        yield bar(one.get("css", f"c{3 - nth % 3}"), left + wide * nth, wide - 1, value)
        if nth == show:
            x = round(left + wide * (nth + 0.5), 1)
            y = round(floor - (floor - TOP) * value / top - 4, 1)
            yield format_html(
                '<text class="v" x="{}" y="{}" text-anchor="middle">{}</text>', x, y, number(value)
            )


def line_chart(chart: Mapping[str, Any]) -> SafeString:
    """Render one line over hours, with the forecast as a band.

    chart: {from, to: hours as numbers, points: [(hour, value)], band: [(hour, low, high)]
    (optional), mark: (hour, text) (optional), label: a sentence, width=520, height=190}
    """
    width, height = int(chart.get("width", 520)), int(chart.get("height", 190))
    start, end = float(chart["from"]), float(chart["to"])
    points, band = list(chart["points"]), list(chart.get("band") or [])
    step, top = _scale(
        max([value for _hour, value in points] + [high for _hour, _low, high in band] + [1])
    )
    floor = height - BOTTOM

    def place(hour: float, value: float) -> str:
        x = LEFT + (width - LEFT - 8) * (float(hour) - start) / ((end - start) or 1)
        return f"{x:.1f},{floor - (floor - TOP) * value / top:.1f}"

    parts = list(_grid(width, height, step, top))
    for hour in range(int(start), int(end) + 1):
        x = place(hour, 0).split(",")[0]
        parts.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="middle">{}</text>', x, height - 7, f"{hour:02d}"
            )
        )
    if band:
        edge = [place(hour, high) for hour, _low, high in band]
        edge += [place(hour, low) for hour, low, _high in reversed(band)]
        parts.append(format_html('<polygon class="band" points="{}"/>', " ".join(edge)))
    line = " ".join(place(hour, value) for hour, value in points)
    parts.append(format_html('<polyline class="line" points="{}"/>', line))
    if chart.get("mark"):
        hour, text = chart["mark"]
        x = place(hour, 0).split(",")[0]
        parts.append(format_html('<path class="mark" d="M{} {}V{}"/>', x, TOP - 12, floor))
        parts.append(
            format_html('<text class="v" x="{}" y="{}">{}</text>', float(x) + 6, TOP - 4, text)
        )
    return _svg(width, height, chart["label"], parts)


def chart_key(*pairs: Any) -> SafeString:
    """Render the key of a chart from pairs of class and text: `{% chart_key "c0" "rencana" "c1" "tiba" %}`."""
    entries = zip(pairs[::2], pairs[1::2], strict=True)
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "",
            '<li><svg viewBox="0 0 18 14" aria-hidden="true">'
            '<rect class="{}" x="1" y="{}" width="16" height="{}"/></svg>{}</li>',
            (
                (css, 5 if css == "off" else 1, 4 if css == "off" else 12, word)
                for css, word in entries
            ),
        ),
    )

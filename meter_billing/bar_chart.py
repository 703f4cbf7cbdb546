# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A stacked bar chart as SVG: what a report or a page shows without any script."""

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 8, 30, 30
# Told apart in print without colour as well.
COLOURS = ("#3d4451", "#2f8fce", "#9ac3e6", "#e09f3e", "#7a9e7e", "#b5838d")


def scale_end(largest):
    """Return the round number that a scale up to ``largest`` ends with."""
    if largest <= 0:
        return 1
    unit = 10 ** (len(str(int(largest))) - 1)
    return next(
        step * unit // 10 if step * unit >= 10 else step
        for step in (10, 15, 20, 25, 30, 40, 50, 60, 80, 100)
        if step * unit >= 10 * largest
    )


def stacked_bars(labels, series, number, width=WIDTH, colours=COLOURS, title=""):
    """Return SVG of stacked bars, to be put into a page as it is.

    :param labels: a text for each bar
    :param series: (name, values) of each layer from the bottom up, a value a bar;
        what is below 0 is drawn as 0
    :param number: function that writes a number as the reader does
    :param int width: what the texts are as large as they are for; on a screen the chart
        is as wide as there is room
    :param colours: of the layers
    :param str title: what it is, for who does not see it: on a screen
    """
    series = [(name, [max(value, 0) for value in values]) for name, values in series]
    sums = [sum(bar) for bar in zip(*(values for _n, values in series), strict=True)]
    end = scale_end(max(sums, default=0))
    height = HEIGHT - TOP - BOTTOM
    parts = [*_scale(end, height, width, number), *_legend(series, width, colours)]
    slot = (width - LEFT - RIGHT) / max(len(labels), 1)
    bar = min(slot * 0.7, 48)
    for index, label in enumerate(labels):
        middle = LEFT + slot * (index + 0.5)
        bottom = TOP + height
        for layer, (_name, values) in enumerate(series):
            size = height * values[index] / end
            bottom -= size
            parts.append(
                f'<rect x="{middle - bar / 2:.1f}" y="{bottom:.1f}" width="{bar:.1f}" '
                f'height="{size:.1f}" fill="{colours[layer % len(colours)]}"/>'
            )
        parts.append(_text(middle, HEIGHT - 10, label, "middle"))
    size = Markup('width="{}" height="{}"').format(width, HEIGHT)
    if title:
        size = Markup('role="img" aria-label="{}" style="width: 100%"').format(title)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" {size} '
        'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
        "{content}</svg>"
    ).format(size=size, width=width, height=HEIGHT, content=Markup("".join(parts)))


def _text(x, y, text, anchor):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">'
        f"{escape(text)}</text>"
    )


def _scale(end, height, width, number):
    """Return lines and numbers of the scale, at its quarters where they are whole."""
    steps = 4 if end % 4 == 0 else 5 if end % 5 == 0 else 1
    for step in range(steps + 1):
        y = TOP + height * (1 - step / steps)
        yield (
            f'<line x1="{LEFT}" x2="{width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#ccc" stroke-width="1"/>'
        )
        yield _text(LEFT - 6, y + 4, number(end * step // steps), "end")


def _legend(series, width, colours):
    step = min((width - LEFT) / max(len(series), 1), 150)
    for index, (name, _values) in enumerate(series):
        x = round(LEFT + index * step)
        colour = colours[index % len(colours)]
        yield f'<rect x="{x}" y="6" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 17, 16, name, "start")

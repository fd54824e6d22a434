"""The figure of bench/scale.py: microseconds a user and peak memory of each stage by the number of users, both on logarithmic axes."""
import math

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420, 300, 60, 34, 46
COLOURS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#888888", "#222222"]
PANELS = [("us_per_user", "processor time, µs a user"), ("peak_mb", "peak memory, MB")]


def decades(values):
    return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)


def text(x, y, words, anchor="middle", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def line(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def panel(rows, stages, key, title, left):
    xs, ys = decades([row["users"] for row in rows]), decades([row[key] for row in rows])

    def x(users):
        return left + (math.log10(users) - xs[0]) / max(1, xs[-1] - xs[0]) * WIDTH

    def y(value):
        return TOP + HEIGHT - (math.log10(value) - ys[0]) / max(1, ys[-1] - ys[0]) * HEIGHT

    parts = [text(left + WIDTH / 2, TOP - 14, title, size=13)]
    for power in ys:
        parts.append(line(left, y(10 ** power), left + WIDTH, y(10 ** power)))
        parts.append(text(left - 6, y(10 ** power) + 4, f"{10 ** power:,}", "end"))
    for power in xs:
        parts.append(line(x(10 ** power), TOP, x(10 ** power), TOP + HEIGHT))
        parts.append(text(x(10 ** power), TOP + HEIGHT + 16, f"{10 ** power:,}"))
    parts.append(text(left + WIDTH / 2, TOP + HEIGHT + 34, "users"))
    for stage, colour in zip(stages, COLOURS):
        points = [(x(row["users"]), y(row[key])) for row in rows if row["stage"] == stage]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
    return parts


def write_figure(rows, path):
    """`rows` of bench/scale.py; those with a note were not finished and are left out."""
    rows = [row for row in rows if not row["note"]]
    if not rows:
        return
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    parts = []
    for i, (key, title) in enumerate(PANELS):
        parts += panel(rows, stages, key, title, LEFT + i * (WIDTH + LEFT + 20))
    legend = LEFT + 2 * (WIDTH + LEFT + 20) - 40
    for i, (stage, colour) in enumerate(zip(stages, COLOURS)):
        parts.append(f'<rect x="{legend}" y="{TOP + 20 * i}" width="12" height="12" fill="{colour}"/>')
        parts.append(text(legend + 18, TOP + 20 * i + 10, stage, "start"))
    width, height = legend + 130, TOP + HEIGHT + BOTTOM
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>')
    path.write_text("\n".join([head, *parts, "</svg>", ""]), encoding="utf-8")

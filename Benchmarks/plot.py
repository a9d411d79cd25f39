"""Events per second of every emulator on every model, as an SVG on a logarithmic scale."""

import math

SERIES = [
    ("triggerfish", "Triggerfish, one thread", "#1f6f8b"),
    ("onnx", "ONNX Runtime, float32, one thread", "#99a8b2"),
    ("da4ml", "da4ml's interpreter, one thread", "#c9a227"),
    ("csim", "hls4ml's C simulation", "#b5493a"),
]
LEFT, RIGHT, BAR, GAP = 250, 40, 14, 18


def write(rows, path):
    """Writes the plot of `rows`, as benchmark.py makes them."""
    values = [row[key] for row in rows for key, _, _ in SERIES if row.get(key)]
    if not values:
        return
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    width, height = 900, 60 + sum(len(SERIES) * BAR + GAP for _ in rows) + 30 + len(SERIES) * 18

    def x(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (width - LEFT - RIGHT)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"'
        f' font-size="12"><rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">Events per second and core</text>',
    ]
    bottom = 60 + sum(len(SERIES) * BAR + GAP for _ in rows)
    for power in range(low, high + 1):
        place = x(10**power)
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="40" y2="{bottom}" stroke="#dddddd"/>')
        parts.append(f'<text x="{place:.1f}" y="36" text-anchor="middle" fill="#555555">10^{power}</text>')
    y = 52
    for row in rows:
        middle = y + len(SERIES) * BAR / 2 + 4
        parts.append(f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end">{row["name"]}</text>')
        for key, _, color in SERIES:
            if row.get(key):
                length = x(row[key]) - LEFT
                parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{color}"/>')
            y += BAR
        y += GAP
    y = bottom + 24
    for _, label, color in SERIES:
        parts.append(f'<rect x="{LEFT}" y="{y - 10}" width="12" height="12" fill="{color}"/>')
        parts.append(f'<text x="{LEFT + 18}" y="{y}">{label}</text>')
        y += 18
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n</svg>\n")

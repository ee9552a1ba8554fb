"""Report as one HTML file with table, footnotes and plots embedded; it loads nothing from the network."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

from speech_gesture_ros.evaluation.metrics.metric import NOTHING, PROVES

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #39424c; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .86rem; white-space: nowrap; }
th, td { padding: .22rem .7rem .22rem 0; border-bottom: 1px solid #e4e8ec; text-align: left; }
td.value { text-align: right; font-variant-numeric: tabular-nums; } th.value { text-align: right; }
td.why { color: #7b8794; white-space: normal; min-width: 16rem; }
.proves { border-radius: .6rem; padding: .05rem .5rem; font-size: .8rem; background: #e4e8ec; }
.proves-match { background: #cfe6d4; } .proves-nothing { background: #f3d5c9; } .proves-little { background: #f6ecc9; }
.proves-motion { background: #d3e4ec; } tr.nothing td.value { color: #9aa5b1; }
img { max-width: 100%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dd { margin: 0; }
"""
CAPTIONS = {
    "speeds.png": "How often each wrist speed occurs. The mean pose is in the first bin; shuffled audio equals the "
                  "bundle, because the same motion has the same speeds.",
    "spectra.png": "Power of wrist velocity by frequency. People have 90 % of it below 2 to 4 Hz.",
    "timing.png": "Stroke apexes around accents; 1: as many as 1 to 2 s away. A peak near 0 is timing; shuffled audio "
                  "has none.",
    "wrists.png": "Height of the wrists in one clip, accents as vertical lines. A gesture that differs from the "
                  "recorded one is not worse.",
    "poses.png": "The same instants of that clip, seen from the front.",
}


def html_report(title: str, facts: Mapping[str, str], lines: Sequence[Sequence[str]], notes: Sequence[str],
                pictures: Mapping[str, bytes]) -> str:
    """Format the page.

    Args:
        title: Heading.
        facts: Name to value of the settings of the evaluation.
        lines: Of the table, as from `metric_table.table_lines`; its last three columns are better, proves, why.
        notes: Below the table.
        pictures: PNG files by name.
    """
    parts = [f"<h1>{html.escape(title)}</h1>", "<dl>"]
    parts += [f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items()]
    parts += ["</dl>", "<h2>Metrics</h2>", '<div class="wide"><table>', _heading(lines[0])]
    parts += [_line(line) for line in lines[1:]]
    parts += ["</table></div>", *(f"<p>{html.escape(note)}</p>" for note in notes)]
    for name, picture in pictures.items():
        data = base64.b64encode(picture).decode("ascii")
        caption = html.escape(CAPTIONS.get(name, ""))
        parts += [f"<h2>{html.escape(name.partition('.')[0].capitalize())}</h2>",
                  f'<img alt="{caption}" src="data:image/png;base64,{data}">', f"<p>{caption}</p>"]
    body = "\n".join(parts)
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n")


def _heading(cells: Sequence[str]) -> str:
    last = len(cells) - 3
    inner = "".join(f'<th class="value">{html.escape(c)}</th>' if 2 <= i < last else f"<th>{html.escape(c)}</th>"
                    for i, c in enumerate(cells))
    return f"<tr>{inner}</tr>"


def _line(cells: Sequence[str]) -> str:
    *values, best, proves, why = [html.escape(c) for c in cells]
    kind = proves if proves in PROVES else NOTHING
    label = values[0].replace("  ", "&emsp;")
    inner = f"<td>{label}</td><td>{values[1]}</td>" + "".join(f'<td class="value">{v}</td>' for v in values[2:])
    return (f'<tr class="{kind}">{inner}<td>{best}</td>'
            f'<td><span class="proves proves-{kind}">{proves}</span></td><td class="why">{why}</td></tr>')

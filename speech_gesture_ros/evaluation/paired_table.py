"""The table of a paired evaluation: figures down, rows of `paired` across, and beside each what it proves.

    figure  unit  bundle  mean pose  shuffled audio  recorded  other half  better  proves

The column "proves" is part of every print: a number that looks like a result and is none would be read as one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speech_gesture_ros.evaluation.paired_judge import Figures

NOTHING, LITTLE, MATCH, MOTION, ROBOT = "nothing", "little", "MATCH", "motion", "robot"
PROVES = {
    NOTHING: "nothing about the match of speech and motion, and little about quality: a control that ignores the "
             "speech, or does not move at all, scores as well or better",
    MOTION: "that the motion is like recorded or human motion; nothing about speech: shuffled audio scores the same",
    LITTLE: "a trace of the match, if bundle and shuffled audio differ by more than the seeds do",
    MATCH: "that motion and speech belong together, as far as it is above its control",
    ROBOT: "that a robot can perform it safely, and what is lost on the way",
}


@dataclass(frozen=True)
class Column:
    """One figure of the table.

    Attributes:
        name: Key of the figures.
        label: What it is called.
        unit: Of the values.
        digits: Behind the point.
        best: Which values are better.
        proves: One of `PROVES`.
        note: Why, in a few words.
    """

    name: str
    label: str
    unit: str
    digits: int
    best: str
    proves: str
    note: str


COLUMNS = (
    Column("ape", "APE", "cm", 2, "low", NOTHING, "the mean pose is nearly the best guess"),
    Column("mae", "MAE", "cm", 2, "low", NOTHING, "as APE"),
    Column("pck_0.1", "PCK 0.1, from the front", "", 3, "high", NOTHING, "as APE; all joints of the skeleton"),
    Column("pck_0.2", "PCK 0.2, from the front", "", 3, "high", NOTHING, "as APE"),
    Column("srgr", "SRGR, all frames weigh 1", "", 3, "high", NOTHING,
           "as APE; no semantic scores, so only a share of joints within 10 cm"),
    Column("cca", "CCA, first correlation", "", 3, "as recorded", NOTHING, "fitted on what it scores: tends to 1"),
    Column("speed", "speed, all joints", "m/s", 3, "as recorded", MOTION, "no gesture, no speed: low is not good"),
    Column("acceleration", "acceleration, per second", "m/s2", 2, "as recorded", MOTION, "unfiltered"),
    Column("jerk", "jerk, per second", "m/s3", 1, "as recorded", MOTION, "unfiltered: counts the sensor's noise"),
    Column("acceleration_frame", "acceleration, per frame", "cm/f2", 3, "as recorded", MOTION,
           "as the 2019 paper, but at 25 fps"),
    Column("jerk_frame", "jerk, per frame", "cm/f3", 3, "as recorded", MOTION, "as the 2019 paper, but at 25 fps"),
    Column("hellinger", "Hellinger, wrist speeds", "", 3, "low", MOTION, "which speeds occur how often"),
    Column("hellinger_frame", "Hellinger, cm/frame bins", "", 3, "low", MOTION, "bins of the 2019 paper + overflow"),
    Column("fgd", "FGD", "", 2, "low", MOTION, "compare with the other half; one extractor only"),
    Column("fgd_raw", "FGD, raw windows", "", 1, "low", MOTION, "as FGD, without an extractor"),
    Column("l1_diversity", "L1 diversity", "m", 2, "as recorded", MOTION, "noise is most diverse"),
    Column("multimodality", "multimodality", "m", 2, "above 0", MOTION, "0: one answer for every seed"),
    Column("human_gap", "human-statistics gap", "", 3, "low", MOTION, "0: every figure as people's"),
    Column("human_share", "figures within the human range", "", 2, "high", MOTION, "of 34"),
    Column("human_pause_ratio", "wrist speed pauses / speech", "", 2, "0.5 to 1", LITTLE, "people 0.8; never 0"),
    Column("motion_beats", "motion beats", "1/s", 2, "as recorded", NOTHING, "drives the beat scores"),
    Column("beat_consistency", "beat consistency, 0.3 s", "", 3, "as recorded", NOTHING,
           "people 0.76 to 0.90; counts beats more than it hears them"),
    Column("metronome", "  of a metronome as busy", "", 3, "", NOTHING, "what ignoring the audio scores"),
    Column("beat_align", "beat align, 0.05 s", "", 3, "as recorded", LITTLE, "rises with the density of onsets"),
    Column("apex_share", "apexes within 0.1 s of an accent", "", 3, "", LITTLE, "alone it only counts accents"),
    Column("apex_shifted", "  the same, speech shifted", "", 3, "", LITTLE, "chance of the same rhythm"),
    Column("apex_jittered", "  the same, jittered in speech", "", 3, "", LITTLE, "chance while speaking"),
    Column("apex_excess", "apex excess over jitter", "x", 2, "above 1", MATCH, "people 1.0 to 1.2"),
    Column("apex_z", "  in deviations of chance", "", 1, "above 2", MATCH, "is the excess real"),
    Column("apex_offset", "apex after accent, median", "ms", 0, "-200 to 100", LITTLE, "0 by chance as well"),
    Column("apex_iqr", "  interquartile range", "ms", 0, "low", LITTLE, "against shuffled audio"),
    Column("match", "speech match, chance 50", "%", 1, "high", MATCH, "only where recorded is above 50 too"),
    Column("match_low", "  95 % interval from", "%", 1, "above 50", MATCH, "bootstrap over clips"),
    Column("match_high", "  95 % interval to", "%", 1, "", MATCH, ""),
    Column("limit_violations", "robot: limit violations", "", 0, "0", ROBOT, "joint-samples beyond any limit"),
    Column("collision_share", "robot: self-collisions", "", 4, "0", ROBOT, "share of the knots"),
    Column("rejected", "robot: windows refused", "", 0, "0", ROBOT, "by gate or controllers"),
    Column("direction_error", "robot: direction error, median", "deg", 1, "low", ROBOT, "upper arms and forearms"),
    Column("direction_error_p95", "robot: direction error, 95 %", "deg", 1, "low", ROBOT, ""),
    Column("amplitude_kept", "robot: amplitude kept", "", 2, "1", ROBOT, "wrists, in arm lengths"),
)


def table_rows(rows: Mapping[str, Figures]) -> list[list[str]]:
    """Heading and one line a figure, as text; figures that no row has are left out."""
    lines = [["figure", "unit", *rows, "better", "proves", "why"]]
    for column in COLUMNS:
        cells = [cell(figures, column) for figures in rows.values()]
        if any(c != "-" for c in cells):
            lines.append([column.label, column.unit, *cells, column.best, column.proves, column.note])
    return lines


def cell(figures: Figures, column: Column) -> str:
    """One value, with its spread over seeds where there is one; "-" for what could not be measured."""
    value, spread = figures.get(column.name, math.nan), figures.get(f"{column.name}_sd", 0.0)
    if not math.isfinite(value):
        return "-"
    text = f"{value:.{column.digits}f}"
    return f"{text} ±{spread:.{column.digits}f}" if spread >= 0.5 * 10.0**-column.digits else text


def as_markdown(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    head, *body = [[part.replace("  ", "\u2002") if part.startswith("  ") else part for part in line] for line in lines]
    rule = ["---"] + ["---"] + ["---:"] * (len(head) - 5) + ["---"] * 3
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def as_text(lines: Sequence[Sequence[str]]) -> str:
    """Aligned for a terminal, without the last column."""
    cut = [line[:-1] for line in lines]
    widths = [max(len(line[i]) for line in cut) for i in range(len(cut[0]))]
    values = range(2, len(cut[0]) - 2)
    return "\n".join("  ".join(part.rjust(w) if i in values else part.ljust(w)
                               for i, (part, w) in enumerate(zip(line, widths))).rstrip() for line in cut)


def footnotes(rows: Mapping[str, Figures]) -> list[str]:
    """What the words in the column "proves" mean, and what to think of these very figures."""
    notes = [f"proves {word}: {meaning}." for word, meaning in PROVES.items()]
    recorded = next((f for name, f in rows.items() if name == "recorded"), {})
    if not recorded.get("match_low", math.nan) > 50.0:
        notes.append("speech match: the recorded motion itself is not clearly above 50 %, so this test says nothing "
                     "about any row.")
    return notes

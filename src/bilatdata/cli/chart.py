"""The verb `chart`: a picture of a part of the record."""

from __future__ import annotations

import argparse
from pathlib import Path

from bilatdata.charts import KINDS, chart, save_chart
from bilatdata.cli.output import Console
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, one_of


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("kind", metavar="KIND", type=one_of(*KINDS), help=", ".join(KINDS))
    arguments.add_argument(
        "of", metavar="OF", nargs="?", help="code of a country (meetings, trade), id of a concession or of a record"
    )
    options.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help="file to write: .svg, .png or .json (Vega-Lite)"
    )
    options.add_argument("--overwrite", action="store_true", help="replace a file that exists")


def _run(options: argparse.Namespace, console: Console) -> int:
    console.out.line(str(save_chart(chart(options.kind, options.of), options.out, overwrite=options.overwrite)))
    return EXIT_FINE


CHART = Verb(
    name="chart",
    purpose="Draw meetings, trade, the stages of a concession or the evidence of a record",
    usage="KIND [OF] --out FILE [options]",
    description="; ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    + ". What cannot be placed is counted under the title. Needs the extra 'charts', and no network.",
    examples=(
        ("Who met whom, and when", "bilatdata chart meetings --out meetings.svg"),
        ("Trade with Mexico by year and reporter", "bilatdata chart trade MEX --out trade.png"),
        ("The way of a contract", "bilatdata chart stages CON-0010 --out stages.svg"),
        ("Where sources disagree", "bilatdata chart evidence EXT-0002 --out evidence.svg"),
    ),
    exit_codes=((0, "the picture was written"), (2, "nothing to draw, an extra is missing, or FILE cannot be written")),
    add_arguments=_arguments,
    run=_run,
)

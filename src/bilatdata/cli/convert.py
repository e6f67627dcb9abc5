"""The verb `convert`: bulk trade files of others in our shape."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bilatdata.cli.output import GAP, Console, plural
from bilatdata.cli.progress import BytesProgress
from bilatdata.cli.validate import add_report_options, print_report
from bilatdata.cli.verb import EXIT_FINE, Group, Verb, one_of
from bilatdata.wording.text import clean

if TYPE_CHECKING:
    from bilatdata.convert import Conversion

MOST_REASONS = 10


def _arguments(arguments: Group, options: Group) -> None:
    arguments.add_argument("kind", metavar="LAYOUT", type=one_of("comtrade", "baci"), help="comtrade or baci")
    arguments.add_argument("files", metavar="FILE", type=Path, nargs="+", help="bulk file, plain or .gz")
    options.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to make")
    options.add_argument(
        "--pair",
        metavar="PAIR",
        default="RUS-LATAM",
        help="flows to select, in both directions: RUS-LATAM (the default), RUS-BOL, RUS-ALL",
    )
    options.add_argument(
        "--products", metavar="FILE", type=Path, help="CSV with code and description, for the names of the products"
    )
    add_report_options(options)


def _run(options: argparse.Namespace, console: Console) -> int:
    from bilatdata.convert import convert
    from bilatdata.validation import validate

    with BytesProgress("converting", console.err) as progress:
        done = convert(
            options.kind, options.files, options.out, pair=options.pair, products=options.products, progress=progress
        )
    _tell(done, options.pair, console)
    return print_report(validate(options.out), options, console) if done.files else EXIT_FINE


def _tell(done: Conversion, pair: str, console: Console) -> None:
    """Say what became of every row; the report on what was written follows on the other stream."""
    lost = done.left_out.total()
    console.note(
        f"{plural(done.read, 'row')} read: {done.written:,} written, {done.outside:,} not of {pair}, {lost:,} left out"
    )
    _list(done.left_out, console)
    if done.left_out_files:
        console.note(f"rows left out, with their reasons: {done.left_out_files[0].parent}")
    if done.without_quantity:
        console.note("quantities in units that the vocabulary lacks, with the net weight in their place:")
        _list(Counter({f"unit {unit}": count for unit, count in done.without_quantity.items()}), console)


def _list(counts: Counter[str], console: Console) -> None:
    for words, count in counts.most_common(MOST_REASONS):
        console.note(f"{GAP}{count:>12,}  {clean(words)}")
    if len(counts) > MOST_REASONS:
        console.note(f"{GAP}… and {plural(len(counts) - MOST_REASONS, 'reason')} more")


CONVERT = Verb(
    name="convert",
    purpose="Convert bulk trade files of UN Comtrade or CEPII BACI into our shape",
    usage="LAYOUT FILE... --out DIR [options]",
    description="Reads the documented layouts of UN Comtrade's bulk files (since 2022 and before) and of BACI, "
    "selects the flows of a pair, maps countries, units and HS editions to our codes, and writes "
    "Parquet files in the shape of trade_products, one a year. Rows that cannot be mapped are counted "
    "and kept in a folder of their own. What was written is validated.",
    examples=(
        ("Russia and Latin America, from a bulk file", "bilatdata convert comtrade C_A_643_2021_HS.gz --out trade/"),
        (
            "BACI, with the names of its products",
            "bilatdata convert baci BACI_HS17_*.csv --out baci/ --products product_codes_HS17_V202501.csv",
        ),
    ),
    exit_codes=(
        (0, "converted, and valid"),
        (1, "converted, and what was written has findings"),
        (2, "a file cannot be read or has another layout; nothing was written"),
    ),
    add_arguments=_arguments,
    run=_run,
)

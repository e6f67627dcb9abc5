"""What the engine itself judges: structure of a file (S), types and constraints (T), keys (K) and EDTF dates (D101).

The functions of these rules are empty: the faults are found while a file is read, its cells are typed, its typed
batches go through pandera, and its keys are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bilatdata.contract.rule import CATALOGUE, Severity

BOM = "S101"
MISSING_COLUMN = "S102"
UNKNOWN_COLUMN = "S103"
DUPLICATE_COLUMN = "S104"
BLANK_ROW = "S105"
CELL_COUNT = "S106"
NOT_UTF8 = "S107"
UNCLOSED_QUOTE = "S108"
STRAY_QUOTE = "S109"
NUL = "S110"
CARRIAGE_RETURN = "S111"
NOT_JUDGED = "S112"
UNJUDGED_COLUMN = "S113"
CELL_TYPE = "T101"
REQUIRED = "T102"
PATTERN = "T103"
ENUM = "T104"
BOUNDS = "T105"
COLUMN_TYPE = "T106"
PRIMARY_KEY = "K101"
UNIQUE = "K102"
FOREIGN_KEY = "K103"
EDTF = "D101"


class _Text(NamedTuple):
    code: str
    name: str
    summary: str
    explanation: str
    fix: str
    severity: Severity = "error"


_TEXTS = (
    _Text(
        BOM,
        "byte-order-mark",
        "The file begins with a byte-order mark.",
        "Three invisible bytes before the header become part of the first column's name in many readers. The file is "
        "judged as if they were not there.",
        "Save the file as UTF-8 without byte-order mark (Excel: 'CSV UTF-8' writes one).",
        "warning",
    ),
    _Text(
        MISSING_COLUMN,
        "missing-column",
        "A column of the table is missing.",
        "Every field of the schema needs its column, even where all its cells are empty; only derived fields may be "
        "left out.",
        "Add the column, with empty cells where nothing is known.",
    ),
    _Text(
        UNKNOWN_COLUMN,
        "unknown-column",
        "The table has no such column.",
        "A column that the schema does not know is not judged, and often is a misspelt one that is missing.",
        "Rename or remove the column; declare one of your own in a datapackage.json, or allow it with --extra-columns.",
    ),
    _Text(
        DUPLICATE_COLUMN,
        "duplicate-column",
        "Two columns have the same name.",
        "Readers keep the first, the last or a renamed column; here the first is judged.",
        "Keep one of the columns.",
    ),
    _Text(
        BLANK_ROW,
        "blank-row",
        "The line is blank.",
        "Some readers skip a blank line, others read a row without values from it.",
        "Remove the line.",
    ),
    _Text(
        CELL_COUNT,
        "cell-count",
        "The record has too few or too many cells.",
        "Most often a comma within a text that is not quoted, or a cell that was left out. The record is not judged "
        "any further.",
        'Quote cells that hold a comma ("a, b"), and leave unknown cells empty instead of out.',
    ),
    _Text(
        NOT_UTF8,
        "not-utf8",
        "The record is not encoded in UTF-8.",
        "The file was probably saved in Windows-1252, Latin-1 or Windows-1251. The record is not judged any further.",
        "Save the file as UTF-8.",
    ),
    _Text(
        UNCLOSED_QUOTE,
        "unclosed-quote",
        "A quote is opened and not closed.",
        "Everything up to the next quote would become one cell. Here the line is taken for the whole record, and "
        "reading goes on with the next line.",
        'Close the quote; within a quoted cell write a quote twice ("").',
    ),
    _Text(
        STRAY_QUOTE,
        "stray-quote",
        "A quote stands in the middle of a cell.",
        "A quote may open a cell, close it, or stand doubled in a quoted one; readers disagree on any other. The "
        "record is not judged any further.",
        'Put the whole cell in quotes and write the quote within it twice: "5"" pipe".',
    ),
    _Text(
        NUL,
        "nul-byte",
        "The record holds a NUL byte.",
        "NUL bytes come from damaged files or from text in UTF-16. The record is not judged any further.",
        "Remove the NUL byte, or save the file as UTF-8.",
    ),
    _Text(
        CARRIAGE_RETURN,
        "carriage-return",
        "A carriage return stands within a cell that is not quoted.",
        "Some readers end the record there. The record is not judged any further.",
        "Remove the carriage return, or put the cell in quotes.",
    ),
    _Text(
        NOT_JUDGED,
        "not-judged",
        "The file matches no table and was not judged.",
        "Neither its name nor its header is that of one of our tables.",
        "Name the file after its table, or validate it alone with --table.",
        "warning",
    ),
    _Text(
        UNJUDGED_COLUMN,
        "unjudged-column",
        "The cells of the column were not judged.",
        "Your descriptor gives the column a type, or a way of writing its cells, that no table of this package has.",
        "Judge the column with your own tools, or declare it with one of the types that our tables use.",
        "warning",
    ),
    _Text(
        CELL_TYPE,
        "cell-type",
        "The cell cannot be read as its field's type.",
        "Cells are read as Table Schema writes them: no spaces, no digit groups, no decimal comma, no NaN or INF, "
        "dates as YYYY-MM-DD that exist. The other rules treat the cell as empty.",
        "Write the cell as its type asks.",
    ),
    _Text(
        REQUIRED,
        "required",
        "The cell must not be empty.",
        "The field is required or part of the primary key.",
        "Fill the cell.",
    ),
    _Text(
        PATTERN,
        "pattern",
        "The cell does not match its field's pattern.",
        "The whole cell must match the regular expression that the schema gives for the field.",
        "Write the cell as the pattern asks.",
    ),
    _Text(
        ENUM,
        "vocabulary",
        "The code is not in its field's vocabulary.",
        "The field takes one of a closed list of codes, written exactly so.",
        "Use one of the codes; 'bilatdata describe' lists what each means.",
    ),
    _Text(
        BOUNDS,
        "bounds",
        "The value lies outside its field's bounds.",
        "The schema gives the least and the greatest number, day or length of text that the field can have.",
        "Mend the value, or its unit.",
    ),
    _Text(
        COLUMN_TYPE,
        "column-type",
        "The column's physical type is not that of its field.",
        "Numbers in place of text have lost their leading zeros, nested values have no place in a table. Where it can "
        "be, the column is converted and judged all the same.",
        'Read text columns as text, such as with pandas.read_csv(..., dtype="string").',
    ),
    _Text(
        PRIMARY_KEY,
        "primary-key",
        "Another row has the same primary key.",
        "A key names one row of a table, in all the files of that table that are validated together.",
        "Give the row a key of its own, or merge the two rows.",
    ),
    _Text(
        UNIQUE,
        "unique",
        "Another row has the same value.",
        "No two rows of the table may have the same value in this field.",
        "Mend one of the rows, or merge the two.",
    ),
    _Text(
        FOREIGN_KEY,
        "foreign-key",
        "The row that the cell refers to does not exist.",
        "The value must be in the table it refers to: among the tables validated together, or in the installed "
        "package. Where a part of a composite key is empty, the key is not judged.",
        "Mend the reference, or add the row it refers to.",
    ),
    _Text(
        EDTF,
        "edtf-date",
        "The cell is not a date of the EDTF profile, or no such date exists.",
        "Dates are YYYY, YYYY-MM or YYYY-MM-DD, each with an optional ?, ~ or %, with trailing X for unknown digits, "
        "or an interval A/B, ../B, A/.. that does not run backwards.",
        "Write the date as precisely as the source gives it, and no more precisely.",
    ),
)


def _judged_by_the_engine() -> Iterable[object]:
    return ()


for _text in _TEXTS:
    CATALOGUE.rule(
        _text.code,
        _text.name,
        scope="engine",
        summary=_text.summary,
        explanation=_text.explanation,
        fix=_text.fix,
        severity=_text.severity,
    )(_judged_by_the_engine)

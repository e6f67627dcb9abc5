"""Rules about text, lists within a cell, and names that must stand for one thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from bilatdata.contract.rule import CATALOGUE, Context, Fault, RowCheck
from bilatdata.contract.rules._expressions import col
from bilatdata.contract.rules._rows import cyclic_rows, fold
from bilatdata.contract.table_schema import Field, TableSchema

if TYPE_CHECKING:
    import polars as pl

# Whatever may need mending: spaces at the ends or doubled, controls, invisible marks, spaces other than U+0020,
# combining marks, Hangul jamo, and the letters and signs that NFC replaces. One pass keeps clean text cheap.
_REPLACED_BY_NFC = (
    r"\u{0374}-\u{0387}\u{0958}-\u{095F}\u{09DC}-\u{09DF}\u{0A33}-\u{0A5E}\u{0B5C}-\u{0B5D}\u{0F43}-\u{0F69}"
    r"\u{1F71}-\u{1FFD}\u{2126}-\u{212B}\u{2329}-\u{232A}\u{2ADC}\u{F900}-\u{FAFF}\u{FB1D}-\u{FB4E}"
    r"\u{1D15E}-\u{1D1C0}\u{2F800}-\u{2FA1D}"
)
_SUSPECT = rf"^ | $|  |[\p{{Cc}}\p{{Cf}}\p{{M}}[\p{{Z}}--\ ]\u{{1100}}-\u{{11FF}}{_REPLACED_BY_NFC}]"
SENTENCE_FIELDS = ("absence_meaning", "description", "outcome", "reason")
"""Fields of whole sentences; a note may be a few words."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def clean_text(text: str) -> str:
    """The text in NFC, without invisible characters, with single plain spaces and none at the ends."""
    composed = unicodedata.normalize("NFC", _CONTROL.sub(" ", text))
    visible = "".join(letter for letter in composed if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split())


def clean_list(cell: str, separator: str) -> str:
    """The items of a list, each once and without spaces around it, sorted by code point."""
    items = {item.strip() for item in cell.split(separator)}
    return separator.join(sorted(items - {""}))


def _mended(field: str, suspect: str, mend: Callable[[str], str]) -> pl.Expr:
    """The cells of a field, mended where they match the expression `suspect`; each distinct cell is mended once."""
    import polars as pl

    def mend_batch(texts: pl.Series) -> pl.Series:
        positions = texts.str.contains(suspect).fill_null(False).arg_true()
        if positions.is_empty():
            return texts
        suspects = texts.gather(positions)
        mended = {text: mend(text) for text in suspects.unique()}
        return texts.clone().scatter(positions, [mended[text] for text in suspects])

    return col(field).map_batches(mend_batch, return_dtype=pl.String)


def _is_text(field: Field) -> bool:
    return field.type == "string" and not (field.pattern or field.enum or field.vocabulary)


@CATALOGUE.rule(
    "N101",
    "list-not-canonical",
    scope="row",
    summary="The items of a list are not sorted, or one is repeated, empty or padded with spaces.",
    explanation="A list in a cell is a set; one way to write it lets cells be compared and keeps differences between "
    "versions true.",
    fix="Write each item once, sorted by code point, separated by `;` without spaces.",
)
def lists_are_canonical(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """List fields hold each item once, in order."""
    for field in schema.fields:
        if field.separator:
            suspect = rf"{re.escape(field.separator)}|^\s|\s$"
            wanted = _mended(field.name, suspect, partial(clean_list, separator=field.separator))
            yield RowCheck(field.name, col(field.name) == wanted, wanted)


@CATALOGUE.rule(
    "N102",
    "text-not-clean",
    scope="row",
    summary="Text has needless spaces, line breaks, invisible characters or letters that are not composed (NFC).",
    explanation="Two names that look the same must be the same bytes, or joins and searches miss rows; a line break "
    "inside a cell breaks every tool that reads line by line.",
    fix="Write the text in Unicode NFC with single plain spaces and none at the ends.",
)
def text_is_clean(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Free text equals its clean form."""
    for field in schema.fields:
        if _is_text(field):
            wanted = _mended(field.name, _SUSPECT, clean_text)
            yield RowCheck(field.name, col(field.name) == wanted, wanted)


@CATALOGUE.rule(
    "N103",
    "name-of-two-rows",
    scope="table",
    tables=("organisations", "people"),
    summary="A name or alias stands for two rows of one country.",
    explanation="People and organisations are named once and used by id; a second row splits their record in two. "
    "Case, accents and punctuation do not make another name.",
    fix="Merge the rows and let the other tables point at the one that stays; if they are two, tell them apart in the "
    "name.",
)
def names_stand_for_one(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Names, native names and aliases that an earlier row of the same country, or of none, has already."""
    key = schema.primary_key[0]
    holders: dict[str, list[tuple[str | None, int]]] = {}
    for position, row in enumerate(
        frame.select("name", "native_name", "aliases", "country_code").iter_rows(named=True)
    ):
        country = row.pop("country_code")
        named = {fold(name): field for field in reversed(row) for name in _names(row[field], schema.by_name[field])}
        for folded, field in sorted(named.items(), key=lambda item: list(row).index(item[1])):
            earlier = holders.setdefault(folded, [])
            same = [at for other, at in earlier if country is None or other is None or other == country]
            if same and folded:
                expected = f"a name that {frame[key][same[0]]} ({frame['name'][same[0]]}) does not have"
                yield Fault(schema.name, position, field, expected)
            earlier.append((country, position))


def _names(cell: str | None, field: Field) -> list[str]:
    if not cell:
        return []
    return cell.split(field.separator) if field.separator else [cell]


@CATALOGUE.rule(
    "N104",
    "parent-cycle",
    scope="table",
    tables=("organisations",),
    summary="An organisation is, through its parents, its own parent.",
    explanation="Whoever follows parents up to the owner never arrives.",
    fix="Correct or empty `parent_id` in one of the rows.",
)
def parents_end(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Organisations on a cycle of parents."""
    for position in cyclic_rows(frame, "organisation_id", "parent_id"):
        yield Fault("organisations", position, "parent_id", "an organisation that is not below this one")


@CATALOGUE.rule(
    "N105",
    "address-twice",
    scope="table",
    tables=("sources",),
    summary="Two sources have one address.",
    explanation="One document counted as two sources would pass for independent confirmation. The scheme, `www.`, a "
    "final slash and a fragment do not make another address.",
    fix="Merge the two sources and let their evidence cite the one that stays.",
)
def addresses_once(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Later sources whose address an earlier one has."""
    first: dict[str, int] = {}
    for position, url in enumerate(frame["url"]):
        if url is None:
            continue
        at = first.setdefault(plain_address(url), position)
        # Cells that are equal to the letter break the field's own constraint `unique`, which reports them.
        if at != position and frame["url"][at] != url:
            yield Fault("sources", position, "url", f"an address that {frame['source_id'][at]} does not have")


def plain_address(url: str) -> str:
    """An address without scheme, `www.`, fragment and final slash, its host in lower case."""
    rest = re.sub(r"^https?://(www\.)?", "", url.partition("#")[0], flags=re.IGNORECASE)
    host, slash, path = rest.partition("/")
    return (host.lower() + slash + path).rstrip("/")


@CATALOGUE.rule(
    "N106",
    "sentence-without-end",
    scope="row",
    severity="warning",
    summary="A description, outcome or reason does not end as a sentence ends.",
    explanation="What ends in the middle was cut off on its way into the cell, and the part that is lost is often the "
    "hedge.",
    fix="Complete the sentence and end it with a full stop.",
)
def sentences_end(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Sentences end with a full stop, a question mark or an exclamation mark, perhaps in quotes or brackets."""
    for field in schema.fields:
        if field.name in SENTENCE_FIELDS:
            ok = col(field.name).str.contains(r"[.?!…][\])\"'’”»]*$")
            yield RowCheck(field.name, ok, "a sentence with a full stop at its end")


@CATALOGUE.rule(
    "N107",
    "letter-lost",
    scope="row",
    summary="A letter was lost: the text holds the replacement character U+FFFD (�).",
    explanation="A program that read the text in a wrong encoding put it where it could not tell the letter, and the "
    "file has been valid UTF-8 ever since. Which letter it was stands only where the text came from.",
    fix="Write the text anew from its source, and look for others that came the same way.",
)
def no_letter_is_lost(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Free text has no replacement character."""
    for field in schema.fields:
        if _is_text(field):
            yield RowCheck(field.name, ~col(field.name).str.contains("\ufffd", literal=True), "the letter itself")

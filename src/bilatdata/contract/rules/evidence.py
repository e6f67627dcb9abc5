"""Rules about evidence: what it points at, whether it bears the record out, and how sure a record may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilatdata.contract.canonical import read_text_table
from bilatdata.contract.rule import CATALOGUE, Context, Fault, KeyCheck, ReleaseFault, RowCheck
from bilatdata.contract.rules._agreement import Agreement, Cell, agreement
from bilatdata.contract.rules._expressions import NOTHING, among, col, empty, filled, implies, text
from bilatdata.contract.rules._origins import Origin, origins
from bilatdata.contract.rules._rows import POSITION, cyclic_rows, fold, numbered, with_ours
from bilatdata.contract.table_schema import Field, TableSchema, read_table_schema

if TYPE_CHECKING:
    import polars as pl

    from bilatdata.package import DataPackage

CONFIDENCE = ("low", "medium", "high")
AUTHORITATIVE = frozenset({"official", "data"})
REPUTABLE = AUTHORITATIVE | {"company", "news", "analysis", "encyclopedia"}
NAME_FIELDS = ("name", "native_name", "aliases", "name_en", "name_es", "name_pt", "name_ru", "project_name")
"""Fields whose cells are names of their row."""


@dataclass(frozen=True)
class Source:
    """What the confidence of a record depends on."""

    kind: str
    origin: Origin


@CATALOGUE.rule(
    "E101",
    "confidence-too-high",
    scope="package",
    tables=("evidence",),
    all_tables=True,
    summary="The record claims more confidence than its evidence allows.",
    explanation="`high` needs a supporting source of kind official or data, or two supporting sources of different "
    "publishers that neither retell one text nor carry one agency; `medium` needs one source of a reputable kind "
    "(official, data, company, news, analysis, encyclopedia).",
    fix="Lower `confidence_code`, or add the evidence that bears it out.",
)
def confidence_has_grounds(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Records whose confidence is above what their supporting sources allow."""
    sources = _sources(with_ours("sources", tables, context))
    supporting = _supporting(with_ours("evidence", tables, context))
    for name, frame in tables.items():
        schema = context.schemas[name]
        if "confidence_code" not in schema.by_name:
            continue
        cells = frame.select(schema.primary_key[0], "confidence_code").iter_rows()
        for position, (key, confidence) in enumerate(cells):
            if confidence not in CONFIDENCE:
                continue
            ids = supporting.get((name, key), set())
            allowed = _allowed([sources[source] for source in ids if source in sources])
            if CONFIDENCE.index(confidence) > CONFIDENCE.index(allowed):
                yield Fault(name, position, "confidence_code", f"{allowed}, as {_grounds(ids, sources)}")


def _sources(frame: pl.DataFrame) -> dict[str, Source]:
    rows = {row["source_id"]: row for row in frame.iter_rows(named=True)}
    return {key: Source(rows[key]["kind_code"] or "", origin) for key, origin in origins(rows).items()}


def _supporting(evidence: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    import polars as pl

    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    supports = evidence.filter(pl.col("stance_code") == "supports")
    for table, record, source in supports.select("table_name", "record_id", "source_id").iter_rows():
        found[table, record].add(source)
    return found


def _allowed(sources: list[Source]) -> str:
    if any(source.kind in AUTHORITATIVE for source in sources) or _independent(sources):
        return "high"
    return "medium" if any(source.kind in REPUTABLE for source in sources) else "low"


def _independent(sources: list[Source]) -> bool:
    """Whether two of the sources are independent, and one of the two is reputable."""
    return any(
        one.origin.is_independent_of(other.origin) for one in sources if one.kind in REPUTABLE for other in sources
    )


def _grounds(ids: set[str], sources: Mapping[str, Source]) -> str:
    listed = ", ".join(f"{source} ({sources[source].kind})" for source in sorted(ids) if source in sources)
    return f"it is supported by {listed}" if listed else "no source supports it"


@CATALOGUE.rule(
    "E102",
    "record-without-evidence",
    scope="release",
    summary="No evidence supports the record.",
    explanation="Every fact of a release has its source. Participants and holders may rest on the evidence of their "
    "meeting or concession.",
    fix="Add a row to `evidence` that supports the record, or take the record out.",
)
def records_have_evidence(package: DataPackage) -> Iterator[ReleaseFault]:
    """Records of tables that need evidence and have none, of their own or inherited."""
    if "evidence" not in package.resources:
        return
    rows = read_text_table(package.data_path("evidence", "csv")).records()
    supported = {(row["table_name"], row["record_id"]) for row in rows if row["stance_code"] == "supports"}
    for name in package.table_names:
        schema = read_table_schema(package.schema(name))
        if not schema.evidence or not schema.evidence.get("required"):
            continue
        inherits = schema.evidence.get("inherits")
        table = read_text_table(package.data_path(name, "csv"))
        for row, line in zip(table.records(), table.lines, strict=True):
            key = row[schema.primary_key[0]]
            parent = (inherits["table"], row[inherits["field"]]) if inherits else None
            if (name, key) not in supported and parent not in supported:
                expected = "evidence that supports the record" + (f" or its {inherits['field']}" if inherits else "")
                yield ReleaseFault(f"data/{name}.csv", expected, table=name, line=line, key=key)


@CATALOGUE.rule(
    "E103",
    "dispute-incomplete",
    scope="row",
    tables=("evidence",),
    summary="Evidence that disputes a value does not say which field, or what the source gives instead.",
    explanation="Disagreements are kept side by side; one without the other value tells a reader nothing.",
    fix="Fill `field_name` and `reported_value`, or put the doubt into the note of the record.",
)
def disputes_say_what(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """Disputing evidence names a field and reports a value."""
    disputes = among("stance_code", "disputes")
    yield RowCheck("field_name", implies(disputes, filled("field_name")), "the field that is disputed")
    yield RowCheck("reported_value", implies(disputes, filled("reported_value")), "what the source gives instead")


@CATALOGUE.rule(
    "E104",
    "origin-cycle",
    scope="table",
    tables=("sources",),
    summary="A source is, through its origins, its own origin.",
    explanation="Sources that retell one text count as one, the text at the end of the chain; a circle has no end.",
    fix="Correct or empty `origin_source_id` in one of the rows.",
)
def origins_end(frame: pl.DataFrame, schema: TableSchema, context: Context) -> Iterator[Fault]:
    """Sources on a cycle of origins."""
    for position in cyclic_rows(frame, "source_id", "origin_source_id"):
        yield Fault("sources", position, "origin_source_id", "a source that does not retell this one")


@CATALOGUE.rule(
    "E105",
    "evidence-for-nothing",
    scope="package",
    tables=("evidence",),
    all_tables=True,
    summary="Evidence points at a table, a record or a field that does not exist.",
    explanation="Such evidence is never shown; usually the record was re-keyed or the field renamed.",
    fix="Correct `table_name`, `record_id` or `field_name`. Derived fields and keys need no evidence: name the field "
    "that they come from.",
)
def evidence_points_at_something(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Evidence whose table, field or record is not there; records are looked up in the tables at hand and in ours."""
    named = set(tables["evidence"]["table_name"]) & (tables.keys() | context.package_tables.keys())
    keys = {name: set(with_ours(name, tables, context)[context.schemas[name].primary_key[0]]) for name in named}
    for position, table, record, field in _pointers(tables["evidence"]):
        schema = context.schemas.get(table or "")
        if table is not None and (schema is None or not schema.evidence):
            evident = ", ".join(name for name, item in context.schemas.items() if item.evidence)
            yield Fault("evidence", position, "table_name", f"one of {evident}")
        elif schema is not None:
            if field is not None and field not in _evident_fields(schema):
                yield Fault("evidence", position, "field_name", f"a field of {table} that is neither key nor derived")
            if table in keys and record is not None and record not in keys[table]:
                yield Fault("evidence", position, "record_id", f"a record of {table}")


def _pointers(evidence: pl.DataFrame) -> Iterator[tuple[int, str | None, str | None, str | None]]:
    cells = evidence.select("table_name", "record_id", "field_name").iter_rows()
    for position, (table, record, field) in enumerate(cells):
        yield position, table, record, field


def _evident_fields(schema: TableSchema) -> set[str]:
    return {field.name for field in schema.fields if not field.derived and field.name not in schema.primary_key}


@CATALOGUE.rule(
    "E106",
    "support-differs",
    scope="package",
    tables=("evidence",),
    all_tables=True,
    summary="Evidence that is said to support a cell reports another value, or one that cannot be read.",
    explanation="Either the cell or the evidence is wrong, or the source disagrees and should be shown as disputing. "
    "Values that are derived or inferred from a source, and free text, are not compared.",
    fix="Correct the cell or `reported_value` (written as the field writes it), or set `stance_code` to disputes or "
    "`basis_code` to derived.",
)
def support_agrees(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Supporting, stated evidence whose reported value is not that of the cell."""
    import polars as pl

    stated = (pl.col("stance_code") == "supports") & (pl.col("basis_code") == "stated")
    for position, cell, outcome in _compared(tables, context, stated):
        if outcome == "differs":
            expected = f"{_shown(cell)}, as in {cell.field.name}"
            yield Fault("evidence", position, "reported_value", expected, compared=cell.place)
        elif outcome == "unreadable":
            yield Fault("evidence", position, "reported_value", _readable(cell.field))


@CATALOGUE.rule(
    "E107",
    "dispute-agrees",
    scope="package",
    tables=("evidence",),
    all_tables=True,
    summary="Evidence that is said to dispute a cell reports the cell's own value, or one that cannot be read.",
    explanation="A dispute that is none makes a settled fact look doubtful; often the cell was corrected and the "
    "evidence was not.",
    fix="Set `stance_code` to supports, or correct `reported_value` (written as the field writes it).",
)
def dispute_differs(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Disputing evidence whose reported value is that of the cell."""
    import polars as pl

    for position, cell, outcome in _compared(tables, context, pl.col("stance_code") == "disputes"):
        if outcome == "agrees":
            yield Fault("evidence", position, "reported_value", f"a value that differs from {_shown(cell)}")
        elif outcome == "unreadable":
            yield Fault("evidence", position, "reported_value", _readable(cell.field))


def _compared(
    tables: Mapping[str, pl.DataFrame], context: Context, chosen: pl.Expr
) -> Iterator[tuple[int, Cell, Agreement]]:
    """The chosen evidence that reports a value for a cell at hand, with that cell and how they agree."""
    import polars as pl

    reporting = pl.col("field_name").is_not_null() & pl.col("reported_value").is_not_null()
    evidence = numbered(tables["evidence"]).filter(chosen & reporting)
    columns = (POSITION, "record_id", "reported_value")
    for (table, name), group in evidence.group_by("table_name", "field_name", maintain_order=True):
        if table not in tables.keys() | context.package_tables.keys():
            continue
        schema = context.schemas[str(table)]
        if name not in _evident_fields(schema):
            continue
        frame = with_ours(schema.name, tables, context)
        field = schema.by_name[str(name)]
        cells = numbered(frame).select(schema.primary_key[0], POSITION, field.name).iter_rows()
        values = {key: (at, value) for key, at, value in cells}
        names = _referred_names(field, schema, tables, context)
        for position, record, reported in group.select(columns).iter_rows():
            if record in values:
                at, value = values[record]
                place = (schema.name, at, field.name)
                cell = Cell(field, value, (names or {}).get(value), is_reference=names is not None, place=place)
                yield position, cell, agreement(reported, cell)


def _referred_names(
    field: Field, schema: TableSchema, tables: Mapping[str, pl.DataFrame], context: Context
) -> dict[object, set[str]] | None:
    """Folded names by id of the rows that a field may refer to; None if it is no foreign key on its own."""
    key = next((key for key in schema.foreign_keys if key.fields == (field.name,)), None)
    if key is None:
        return None
    if key.table not in tables.keys() | context.package_tables.keys():
        return {}
    fields = [item for item in context.schemas[key.table].fields if item.name in NAME_FIELDS]
    names: dict[object, set[str]] = {}
    for row in with_ours(key.table, tables, context).iter_rows(named=True):
        cells = [(row[item.name], item.separator) for item in fields if row[item.name]]
        names[row[key.reference_fields[0]]] = {
            fold(name) for cell, separator in cells for name in (cell.split(separator) if separator else [cell])
        }
    return names


def _shown(cell: Cell) -> str:
    if cell.value is None:
        return NOTHING
    return f"{cell.value:.15g}" if isinstance(cell.value, float) else str(cell.value)


def _readable(field: Field) -> str:
    return "a date of the EDTF profile" if field.is_edtf else "a plain number such as 7856.25"


@CATALOGUE.rule(
    "E108",
    "source-unused",
    scope="release",
    summary="No evidence cites the source.",
    explanation="The list of sources is what the record rests on; one that nothing cites makes it look better founded "
    "than it is.",
    fix="Cite the source in `evidence`, or take it out.",
)
def sources_are_used(package: DataPackage) -> Iterator[ReleaseFault]:
    """Sources that neither evidence nor a cited source's origin names."""
    if not {"evidence", "sources"} <= set(package.table_names):
        return
    sources = read_text_table(package.data_path("sources", "csv"))
    used = set(read_text_table(package.data_path("evidence", "csv")).column("source_id"))
    origins = dict(zip(sources.column("source_id"), sources.column("origin_source_id"), strict=True))
    reached: set[str] = set()
    for source in used:
        while source and source not in reached:
            reached.add(source)
            source = origins.get(source, "")
    for source, line in zip(sources.column("source_id"), sources.lines, strict=True):
        if source not in reached:
            yield ReleaseFault("data/sources.csv", "evidence that cites it", table="sources", line=line, key=source)


@CATALOGUE.rule(
    "E109",
    "value-without-field",
    scope="row",
    tables=("evidence",),
    summary="Evidence reports a value and does not say of which field.",
    explanation="A value can be compared with its cell only if the field is known.",
    fix="Fill `field_name`, or empty `reported_value` where the evidence is about the record as a whole.",
)
def values_name_their_field(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """A reported value comes with its field."""
    ok = implies(filled("reported_value"), ~empty("field_name"))
    yield RowCheck("field_name", ok, text("the field that {} is the value of", "reported_value"))


@CATALOGUE.rule(
    "E110",
    "listed-source-missing",
    scope="package",
    all_tables=True,
    summary="`source_ids` lists a source that does not exist.",
    explanation="A reader who follows the id finds nothing.",
    fix="Add the source to `sources`, or correct its id.",
)
def listed_sources_exist(tables: Mapping[str, pl.DataFrame], context: Context) -> Iterator[Fault]:
    """Cells of `source_ids` with an id that is not in `sources`, theirs or ours."""
    if "sources" not in tables.keys() | context.package_tables.keys():
        return
    known = set(with_ours("sources", tables, context)["source_id"])
    for name, frame in tables.items():
        if "source_ids" not in context.schemas[name].by_name:
            continue
        cells = frame["source_ids"]
        missing = {cell: sorted(set(cell.split(";")) - known) for cell in cells.unique().drop_nulls()}
        for position in cells.is_in([cell for cell, ids in missing.items() if ids]).arg_true():
            ids = ", ".join(missing[cells[position]])
            yield Fault(name, position, "source_ids", f"ids that are in sources ({ids} not found)")


@CATALOGUE.rule(
    "E111",
    "evidence-twice",
    scope="key",
    tables=("evidence",),
    summary="The same evidence is given twice.",
    explanation="One statement of one source, listed twice, looks like two.",
    fix="Delete the second row, or say in `locator` where in the source the other statement stands.",
)
def evidence_once(schema: TableSchema, context: Context) -> Iterator[KeyCheck]:
    """What is said of which cell, from which place in which source."""
    same = ("table_name", "record_id", "field_name", "source_id", "locator", "reported_value", "stance_code")
    yield KeyCheck("source_id", tuple(map(col, same)), "something that no other row says")


@CATALOGUE.rule(
    "E112",
    "origin-said-twice",
    scope="row",
    tables=("sources",),
    summary="A source names an origin that its other cells name already.",
    explanation="`origin_publisher` is for a page that carries an agency or outlet whose own document is not among the "
    "sources. Where it is, `origin_source_id` says so; a publisher is not the origin of its own text.",
    fix="Empty `origin_publisher`, or `origin_source_id` if the page carries another text.",
)
def origins_are_said_once(schema: TableSchema, context: Context) -> Iterator[RowCheck]:
    """An origin is a source or a publisher, and the publisher another than one's own."""
    field = "origin_publisher"
    yield RowCheck(field, implies(filled(field), empty("origin_source_id")), "nothing, as origin_source_id is given")
    yield RowCheck(field, col(field) != col("publisher"), text("a publisher other than {}", "publisher"))

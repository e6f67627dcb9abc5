"""How a record is laid out: what it is called, what is told first, which figures belong together."""

from __future__ import annotations

from collections.abc import Mapping

from bilatdata.contract.table_schema import Field
from bilatdata.wording.spelling import NUMERIC

TITLES = {
    "agreements": "{title}, {country_a_code} and {country_b_code}",
    "asset_exits": "{company_id}: {asset_name}",
    "concessions": "{project_name}, {host_country_code}",
    "concession_events": "{concession_id}, {date}: {event_type_code}",
    "concession_holders": "{organisation_id}, {role_code} in {concession_id}",
    "cooperation_areas": "{country_a_code} and {country_b_code}: {topic_code}",
    "country_facts": "{country_code}: {subject_code}",
    "evidence": "{source_id} on {record_id}",
    "meeting_participants": "{person_id} in {meeting_id}",
    "meetings": "{country_a_code} and {country_b_code}, {date}",
    "trade_products": "{product_name}, {exporter_code} to {importer_code}, {period}",
    "trade_rankings": "{country_code}, {period}: {measure_code}",
    "trade_totals": "{country_a_code} and {country_b_code}, {period}: {measure_code}",
}
"""What records are called, in the names of what they refer to; others have a name of their own."""
PROSE = ("description", "outcome")
"""Fields whose text opens a record."""
FIGURES: Mapping[str, Mapping[str, str]] = {
    "capacity_value": {"capacity_unit_code": " {}", "capacity_product": ", {}"},
    "hs_code": {"hs_edition": " in {}", "hs_basis_code": ", {}"},
    "quantity": {"quantity_unit_code": " {}"},
    "share_pct": {"share_of": " of {}"},
    "stake_pct": {"stake_basis": " of {}"},
    "value_number": {"value_unit_code": " {}"},
    "value_usd": {"value_kind_code": " ({})"},
}
"""Figures, and the fields that say what they mean: these stand behind the figure and not on lines of their own."""
FIGURE_OF = {companion: figure for figure, companions in FIGURES.items() for companion in companions}
CHILD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "agreements": ("agreement_id", "title", "kind_code", "status_code", "signed_date", "description"),
    "asset_exits": ("asset_exit_id", "company_id", "asset_name", "status_code", "announced_date", "description"),
    "concession_events": ("concession_id", "date", "event_type_code", "stage_code", "description"),
    "concessions": ("concession_id", "project_name", "host_country_code", "stage_code", "stage_date", "description"),
    "cooperation_areas": ("cooperation_area_id", "country_b_code", "topic_code", "state_code", "date", "description"),
    "country_facts": ("country_fact_id", "country_code", "subject_code", "value", "valid_from_date", "description"),
    "evidence": ("table_name", "record_id", "field_name", "reported_value", "stance_code", "locator"),
    "meetings": ("meeting_id", "date", "country_b_code", "level_code", "status_code", "outcome"),
    "organisations": ("organisation_id", "name", "country_code", "kind_code"),
    "people": ("person_id", "name", "native_name", "country_code"),
    "sources": ("source_id", "title", "publisher", "published_date", "kind_code"),
    "trade_products": ("trade_product_id", "exporter_code", "importer_code", "period", "product_name", "value_usd"),
    "trade_rankings": ("trade_ranking_id", "country_code", "measure_code", "rank", "period", "description"),
    "trade_totals": ("trade_total_id", "country_b_code", "period", "measure_code", "value_usd", "growth_pct"),
}
"""What is shown of records that refer to this one; of other tables it is all but their keys."""


def inline_title(field: Field) -> str:
    """The title of a field within a line: `Stage date` is `stage date`, `HS code` stays."""
    return field.title[:1].lower() + field.title[1:] if field.title[1:2].islower() else field.title


def _what(field: Field) -> bool:
    return not (_when(field) or _how_much(field) or _note(field))


def _when(field: Field) -> bool:
    return field.is_edtf or field.type == "date"


def _how_much(field: Field) -> bool:
    return field.type in NUMERIC or field.name in FIGURES or field.name in FIGURE_OF


def is_bare_number(field: Field) -> bool:
    """Whether a cell is a number that nothing else explains."""
    return field.type in NUMERIC and field.name not in FIGURES


def _note(field: Field) -> bool:
    return field.name == "note"


GROUPS = (_what, _when, _how_much, _note)
"""Groups of fields in the order in which they are told."""

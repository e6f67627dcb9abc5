"""Two tables with a field of every kind, so that the tests of the engine do not depend on the record."""

from __future__ import annotations

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"


def _field(name: str, type: str = "string", **more: object) -> dict[str, object]:
    return {"name": name, "type": type, **more}


SCHEMAS = {
    "places": {
        "fields": [
            _field("place_id", constraints={"required": True, "pattern": "P[0-9]|Q[0-9]"}),
            _field("region", constraints={"enum": ["north", "south"]}),
            _field("label", constraints={"unique": True, "minLength": 2, "maxLength": 8}),
            _field("parent_id"),
        ],
        "primaryKey": ["place_id"],
        "foreignKeys": [{"fields": ["parent_id"], "reference": {"fields": ["place_id"]}}],
    },
    "readings": {
        "fields": [
            _field("place_id"),
            _field("number", "integer", constraints={"minimum": 1, "exclusiveMaximum": 100}),
            _field("amount", "number", constraints={"exclusiveMinimum": 0, "maximum": 9.5}),
            _field("is_sure", "boolean"),
            _field("day", "date", constraints={"minimum": "2000-01-01"}),
            _field("period", rdfType=EDTF, constraints={"pattern": "[0-9X-]+"}),
            _field("period_earliest", "date", derived={"from": "period", "bound": "earliest"}),
            _field("region"),
            _field("note"),
        ],
        "primaryKey": ["place_id", "number"],
        "foreignKeys": [
            {"fields": ["place_id"], "reference": {"resource": "places", "fields": ["place_id"]}},
            {"fields": ["place_id", "region"], "reference": {"resource": "places", "fields": ["place_id", "region"]}},
        ],
    },
}
PLACES = "place_id,region,label,parent_id\nP1,north,one,\nP2,south,two,P1\n"
HEADER = "place_id,number,amount,is_sure,day,period,region,note\n"
READINGS = (
    HEADER
    + "P1,1,0.5,true,2024-02-29,2024-02,north,plain\n"
    + 'P1,2,,,,,,"with, comma and ""quotes"""\n'
    + "P2,1,9.5,false,2000-01-01,20XX,south,\n"
)

"""Which sources speak for themselves and which repeat another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bilatdata.contract.rules._rows import fold


@dataclass(frozen=True)
class Origin:
    """Where the words of a source come from; names are folded."""

    root: str
    """The source at the end of the chain of origins."""
    publisher: str
    """Who published the source itself."""
    voice: str
    """Whose words they are in the end: of the agency or outlet that the root carries, else of the root's publisher."""

    def is_independent_of(self, other: Origin) -> bool:
        """Whether the two share neither root nor publisher nor voice."""
        return self.root != other.root and self.publisher != other.publisher and self.voice != other.voice


def origins(sources: Mapping[str, Mapping[str, str | None]]) -> dict[str, Origin]:
    """The origin of each source, by its id, from the rows of the sources."""
    found = {}
    for key, row in sources.items():
        root = _root(key, sources)
        carried = sources[root].get("origin_publisher")
        voice = carried or sources[root]["publisher"]
        found[key] = Origin(root, fold(row["publisher"] or ""), fold(voice or ""))
    return found


def _root(key: str, sources: Mapping[str, Mapping[str, str | None]]) -> str:
    seen = {key}
    while (origin := sources[key]["origin_source_id"]) and origin in sources and origin not in seen:
        key = origin
        seen.add(key)
    return key

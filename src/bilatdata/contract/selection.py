"""Which rules count: codes, beginnings of codes and names, the most specific one deciding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bilatdata.contract.rule import Rule
from bilatdata.errors import BilatdataError
from bilatdata.package import did_you_mean

ALL = "ALL"
EVERYTHING = (ALL,)


def selected_codes(
    rules: Sequence[Rule], select: Iterable[str] = EVERYTHING, ignore: Iterable[str] = ()
) -> frozenset[str]:
    """The codes of the rules that are selected and not ignored.

    As in ruff, the selector that says most about a rule decides: with `select=["M"]` and `ignore=["M1"]`, M2 rules
    count, and with `select=["M101"]` too, so does M101. Of two that say the same, `ignore` decides.

    Args:
        rules: the rules there are.
        select: `ALL`, codes (`M101`), beginnings of codes (`M`, `M1`) or names (`same-country-twice`); one by one, or
            as one text separated by commas.
        ignore: the same.

    Raises:
        BilatdataError: a selector fits no rule.
    """
    chosen = [_selector(text, rules) for text in _listed(select)]
    ignored = [_selector(text, rules) for text in _listed(ignore)]
    return frozenset(rule.code for rule in rules if _fit(rule, chosen) > _fit(rule, ignored))


def _listed(selectors: str | Iterable[str]) -> Iterable[str]:
    """The selectors one by one; a text holds them as the command line does, separated by commas."""
    return [text.strip() for text in selectors.split(",")] if isinstance(selectors, str) else selectors


def _selector(text: str, rules: Sequence[Rule]) -> str:
    """The beginning of the codes that are meant."""
    if text.upper() == ALL:
        return ""
    for rule in rules:
        if text.lower() == rule.name:
            return rule.code
    if text and any(rule.code.startswith(text.upper()) for rule in rules):
        return text.upper()
    known = [name for rule in rules for name in (rule.code, rule.name)]
    raise BilatdataError(
        f"no rule '{text}'{did_you_mean(text, known)}: expected ALL, a code such as M101, its beginning, or a name"
    )


def _fit(rule: Rule, beginnings: Iterable[str]) -> int:
    """Length of the longest beginning of the rule's code; -1 where none is one."""
    return max((len(text) for text in beginnings if rule.code.startswith(text)), default=-1)

"""A report as JUnit XML: a suite per file, a test case per rule that it was judged by.

The form is the one that Jenkins and GitLab read (https://github.com/testmoapp/junitxml). GitLab tells what is new and
what was mended by the class and name of a case, so rules that find nothing are cases too, and names hold no lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from bilatdata.contract.rules import CATALOGUE
from bilatdata.report.repository import paths_in_repository
from bilatdata.report.words import line
from bilatdata.validation.findings import Finding, Judged, Report, plural, printable


def render(report: Report) -> str:
    """The report as an XML document in UTF-8.

    A rule with errors is a failed test case that lists every finding; one with warnings alone passes and lists them as
    its output.
    """
    root = ElementTree.Element("testsuites", name="bilatdata")
    suites = _by_file(report)
    paths = paths_in_repository(_name(judged) for judged, _ in suites)
    for judged, findings in suites:
        root.append(_suite(judged, findings, paths[_name(judged)] or _name(judged)))
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _by_file(report: Report) -> list[tuple[Judged, list[Finding]]]:
    """What was judged, each with its findings; files with findings that were not judged as tables come last."""
    suites: dict[tuple[str | None, str | None], tuple[Judged, list[Finding]]] = {
        (judged.file, judged.table): (judged, []) for judged in report.judged
    }
    for finding in report.findings:
        key = (finding.file, finding.table)
        suites.setdefault(key, (Judged(*key, rules=()), []))[1].append(finding)
    return list(suites.values())


def _name(judged: Judged) -> str:
    return judged.file or f"<{judged.table or 'data'}>"


def _suite(judged: Judged, findings: Sequence[Finding], path: str) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=printable(_name(judged)))
    by_rule: dict[str, list[Finding]] = {code: [] for code in judged.rules}
    for finding in findings:
        by_rule.setdefault(finding.code, []).append(finding)
    for code, broken in sorted(by_rule.items()):
        suite.append(_case(code, path, broken))
    suite.set("tests", str(len(by_rule)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
    suite.set("errors", "0")
    suite.set("skipped", "0")
    return suite


def _case(code: str, path: str, findings: Sequence[Finding]) -> ElementTree.Element:
    title = f"{code} {CATALOGUE[code].name}"
    case = ElementTree.Element("testcase", classname=_class(path), name=title, file=printable(path))
    if not findings:
        return case
    listed = "\n".join(line(finding) for finding in findings)
    if any(finding.severity == "error" for finding in findings):
        message = f"{findings[0].message} ({plural(len(findings), 'finding')})"
        failure = ElementTree.SubElement(case, "failure", type=code, message=printable(message))
        hint = f"\nhelp: {printable(findings[0].hint)}" if findings[0].hint else ""
        failure.text = listed + hint
    else:
        ElementTree.SubElement(case, "system-out").text = listed
    return case


def _class(path: str) -> str:
    """`tables/meetings.csv` as `tables.meetings_csv`: Jenkins takes what is before the last dot for a package."""
    parts = [part.replace(".", "_") for part in Path(path).parts if part not in ("/", "..")]
    return printable(".".join(parts))

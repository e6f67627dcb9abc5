import json

import bilatdata
from bilatdata.report import json as as_json
from bilatdata.validation import Finding, Report


def test_every_finding_is_there_whatever_their_number():
    findings = [Finding("T101", "error", "Wrong.", file="a.csv", line=line, value="é\n") for line in range(1, 1501)]
    text = as_json.render(Report.of(findings, files=["a.csv"], tables=["meetings"], rows=1500))
    content = json.loads(text)
    assert content["tool"] == {"name": "bilatdata", "version": bilatdata.__version__}
    assert (content["summary"]["errors"], len(content["findings"])) == (1500, 1500)
    assert content["findings"][1499]["line"] == 1500
    assert "é" in text
    assert text.endswith("}\n")

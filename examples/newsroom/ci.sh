#!/usr/bin/env bash
# Judges the tables: findings in the log, and a report for the page where the CI system shows tests.
# Ends with 0 (fine), 1 (findings) or 2 (could not run). Needs: pip install 'bilatdata[validate]'
set -euo pipefail
cd "$(dirname "$0")"
bilatdata validate --output-format text --output-format junit=reports/tables.xml "$@"

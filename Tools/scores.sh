#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints what the tools that find faults score: planted faults that `ingot bisect` locates, seeded defects that `ingot doctor` names,
# what ledgers of `ingot explain` leave unexplained. Arguments are those of `swift test` that say which build to take.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test "$@" --skip-build --filter 'IngotFidelityTests.(BisectionTests|FeatureMapCapsuleTests|DoctorTests|LedgerTests|EnvelopeTests|ProgramTests)' >"$log" 2>&1
status=$?
grep -E '^SCORE|^  missed|✘|Test run with' "$log" | sed 's/^SCORE //'
exit $status

#!/usr/bin/env bash
# What action.yml runs: MANIFESTS, CHANGES, DECLARATIONS, PYTHONS, FAIL_ON and PSMP are its inputs. For bash 3.2 and newer.
set -euo pipefail

fault() {
  echo "::error title=psmp check::$1"
  exit 2
}

trimmed() { # each line that holds something, without the blanks around it
  sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' <<< "$1"
}

case "$FAIL_ON" in
  conflict | unknown | never) ;;
  *) fault "fail-on is conflict, unknown or never, not $FAIL_ON" ;;
esac
git rev-parse --git-dir > /dev/null 2>&1 || fault "there is no repository here: add actions/checkout before this step"
case "$MANIFESTS" in
  auto) globs=$'**/pyproject.toml\n**/requirements*.txt\n**/package.json' ;;
  none) globs= ;;
  *) globs=$(trimmed "$MANIFESTS") ;;
esac

words=()
[ -z "$DECLARATIONS" ] || words+=("$DECLARATIONS")
while IFS= read -r glob; do
  [ -n "$glob" ] || continue
  found=
  while IFS= read -r -d '' file; do
    words+=(--from "$file")
    found=yes
  done < <(git ls-files -z -- ":(glob)$glob")
  [ -n "$found" ] || [ "$MANIFESTS" = auto ] || fault "there is no manifest $glob that git knows"
done <<< "$globs"
while IFS= read -r change; do
  [ -z "$change" ] || words+=("--from-diff=$change")
done <<< "$(trimmed "$CHANGES")"
if [ ${#words[@]} -eq 0 ]; then
  echo "::notice title=psmp check::nothing to check: git knows no manifest, and neither changes nor declarations are named"
  echo "verdict=compatible" >> "$GITHUB_OUTPUT"
  exit 0
fi
for python in $PYTHONS; do
  words+=(--python "$python")
done

if [ -n "$PSMP" ]; then
  psmp=("$PSMP")
else
  export PYTHONPATH="$GITHUB_ACTION_PATH/../../shared"
  psmp=("$RUNNER_TEMP/psmp/bin/python" -P -m psmp.cli.app)
fi
code=0
"${psmp[@]}" check --output github "${words[@]}" < /dev/null || code=$?
case "$code" in
  0) verdict=compatible ;;
  2) verdict=invalid ;;
  3) verdict=conflict ;;
  8) verdict=unknown ;;
  *) exit "$code" ;;
esac
echo "verdict=$verdict" >> "$GITHUB_OUTPUT"
case "$FAIL_ON:$verdict" in
  *:invalid | conflict:conflict | unknown:conflict | unknown:unknown) exit "$code" ;;
esac

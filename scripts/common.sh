# Sourced by the other scripts: the repository's root as working folder, and one way to speak.
# Messages go to stderr, so that stdout holds only what a script was asked for.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
script="${0##*/}"

say() { printf '%s: %s\n' "$script" "$*" >&2; }

# die CODE MESSAGE: codes as caesar's own (2 wrong usage, 3 the environment cannot do it).
die() {
  say "${*:2}"
  exit "$1"
}

# The comment at the head of the script is its help.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "scripts/$script"; }

# Seconds since `$1`, an earlier $SECONDS.
took() { printf '%d s' $((SECONDS - $1)); }

#!/bin/sh
# Run newswire again and again: NEWSWIRE_EVERY seconds (600) from the end of one run to the start of the next, with the
# arguments given. SIGTERM ends the run that is on, which leaves everything in order, and then this.
set -u
every=${NEWSWIRE_EVERY:-600}
ran=${NEWSWIRE_RAN:-/tmp/newswire-ran}
child=
trap 'trap "" TERM INT; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null && wait "$child"; exit 0' TERM INT

while :; do
    newswire run --json "$@" &
    child=$!
    wait "$child"
    code=$?
    case $code in
        0) : > "$ran" ;;
        2) exit 2 ;;  # settings that cannot be used are not going to mend themselves
        *) echo "newswire: the run ended with exit code $code; the next one takes up what it left" >&2 ;;
    esac
    sleep "$every" &
    child=$!
    wait "$child"
done

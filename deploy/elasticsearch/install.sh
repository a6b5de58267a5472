#!/bin/sh
# Put the roles beside this file, and the users of deploy/compose.yaml, into an Elasticsearch; again does no harm.
# Passwords are files, and appear in no list of processes.
set -eu
umask 077
url=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
superuser=${ELASTICSEARCH_USER:-elastic}
secrets=${SECRETS:-/run/secrets}
body=$(mktemp)
trap 'rm -f "$body"' EXIT

ask() { # METHOD PATH FILE
    printf 'user = "%s:%s"\n' "$superuser" "$(cat "$secrets/elastic_password")" | curl --silent --show-error \
        --fail-with-body --config - --request "$1" --header 'Content-Type: application/json' --data-binary "@$3" \
        "$url$2"
    echo "  $2"
}

for role in "$(dirname "$0")"/newswire-*.json; do
    ask PUT "/_security/role/$(basename "$role" .json)" "$role"
done
for what in writer administrator; do
    printf '{"password": "%s", "roles": ["newswire-%s"]}' "$(cat "$secrets/${what}_password")" "$what" > "$body"
    ask PUT "/_security/user/newswire-$what" "$body"
done
printf '{"password": "%s"}' "$(cat "$secrets/kibana_password")" > "$body"
ask POST /_security/user/kibana_system/_password "$body"

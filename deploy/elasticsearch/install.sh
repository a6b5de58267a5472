#!/bin/sh
# Put roles and users into an Elasticsearch; again does no harm. Passwords are files of /run/secrets, and appear in no
# list of processes.
set -eu
url=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
here=${ROLES:-/roles}
secrets=${SECRETS:-/run/secrets}

ask() { # METHOD PATH, with the body on standard input
    printf 'user = "elastic:%s"\n' "$(cat "$secrets/elastic_password")" | curl --silent --show-error --fail-with-body \
        --config /dev/fd/0 --request "$1" --header 'Content-Type: application/json' --data-binary @/dev/fd/3 "$url$2" 3<&3
    echo
}

for role in "$here"/newswire-*.json; do
    name=$(basename "$role" .json)
    ask PUT "/_security/role/$name" 3< "$role"
done

user() { # NAME ROLE SECRET
    printf '{"password": "%s", "roles": ["%s"]}' "$(cat "$secrets/$3")" "$2" > /tmp/body
    ask PUT "/_security/user/$1" 3< /tmp/body
}
umask 077
trap 'rm -f /tmp/body' EXIT
user newswire-writer newswire-writer writer_password
user newswire-administrator newswire-administrator administrator_password
printf '{"password": "%s"}' "$(cat "$secrets/kibana_password")" > /tmp/body
ask POST /_security/user/kibana_system/_password 3< /tmp/body

#!/bin/sh
# Make the secrets of deploy/compose.yaml in deploy/secrets, those that are not there yet. The images of Elasticsearch,
# Kibana and newswire run as user 1000, who alone may read them: run this as root, or as user 1000.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
for name in elastic_password kibana_password kibana_encryption_key administrator_password writer_password \
    grafana_password; do
    file=$folder/$name
    [ -s "$file" ] || od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n' > "$file"
    chmod 400 "$file"
done
if [ "$(id -u)" = 0 ]; then
    chown -R 1000:1000 "$folder"
fi

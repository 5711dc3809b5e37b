"""How long an execution of a workflow takes at most. After that time, it writes nothing any more."""

from datetime import timedelta

LONGEST_EXECUTION = timedelta(days=1)
"""The longest TimeoutSeconds that a definition may have. The sweeper closes no claim before this time has passed."""

LONGEST_EXPRESS = timedelta(minutes=5)
"""Step Functions ends an Express execution after this time ("Service quotas" in the AWS Step Functions guide)."""

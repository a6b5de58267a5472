"""The `newswire kibana` commands."""

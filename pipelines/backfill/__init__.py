"""`newswire backfill`: stories of old, through the same steps, slowly."""

"""The drill: a backup that was restored into an empty place and proven there (docs/backup.md)."""

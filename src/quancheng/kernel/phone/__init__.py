"""What a phone takes along and brings back where there is no signal: its key, its pack, its clock."""

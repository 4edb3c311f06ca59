"""Pages that are there already, in archives and as files: read in many processes, no request made."""

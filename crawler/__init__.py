"""What a page, a link and a run are."""

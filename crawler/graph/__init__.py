"""What the link graph tells: works, rankings, exports. Plain links in, no database."""

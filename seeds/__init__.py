"""Where crawls start: a TOML file each. A package, so that an egg takes the files along."""

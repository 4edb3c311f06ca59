"""The spiders: they fetch what the stored graph says is due, and nothing else."""

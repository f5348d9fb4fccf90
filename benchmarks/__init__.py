"""What is fast and by how much, measured again by `make bench`. Ratios of one run; machines differ and are noisy."""

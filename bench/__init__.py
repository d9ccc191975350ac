"""Performance, measured: `make bench`. Each figure stands beside a reference measured in the same run."""

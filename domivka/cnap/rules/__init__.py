"""Pure rules of the CNAP: what a file is, where a state leads, when a term ends."""

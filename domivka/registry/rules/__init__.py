"""Pure rules of the registry: folding and matching of addresses, check digits."""

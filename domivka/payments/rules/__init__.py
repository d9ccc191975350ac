"""Pure rules of payments: split, states, fees, purposes."""

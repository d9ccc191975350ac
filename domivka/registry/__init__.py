"""Registry (УМБД): towns, streets with their history of names, buildings, premises, providers, services, personal accounts.

A *personal account* (особовий рахунок) is a premises' account at one provider; an *account service* is one service on
it, the grain of charges and of the ledger."""

"""The other sides of outside protocols, spoken over the network: a sandbox bank, a LiqPay emulator; faults on demand."""

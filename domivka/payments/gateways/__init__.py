"""Ports to payment gateways. Add one: a module with the protocol, a line in `registry`, settings, an emulator."""

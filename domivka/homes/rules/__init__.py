"""Pure rules of homes: how keys and PINs are made, typed and compared."""

"""Pure rules of identity: phone numbers, passwords."""

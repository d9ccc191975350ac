"""What other contexts may use of the partners' API: its keys."""

from domivka.partner_api.keys import SCOPES, UnknownScope, issue_key, revoke_key

__all__ = ["SCOPES", "UnknownScope", "issue_key", "revoke_key"]

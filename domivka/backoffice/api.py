"""What other contexts may use of the staff pages: the words of the audit trail."""

from domivka.backoffice.audit import ACTIONS

__all__ = ["ACTIONS"]

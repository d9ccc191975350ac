"""The statements' public face."""

from domivka.statements.content import BillContent, BillDoesNotAddUp
from domivka.statements.issuing import Issued, issue_bills
from domivka.statements.papers import payment_certificate_pdf, receipt_pdf
from domivka.statements.queries import BillNotFound, BillView, bill_content, bill_pdf, bills_of, paper_bills
from domivka.statements.rules.nbu_qr import QrRefused, Transfer, format_002, format_003

__all__ = [
    "BillContent",
    "BillDoesNotAddUp",
    "BillNotFound",
    "BillView",
    "Issued",
    "QrRefused",
    "Transfer",
    "bill_content",
    "bill_pdf",
    "bills_of",
    "format_002",
    "format_003",
    "issue_bills",
    "paper_bills",
    "payment_certificate_pdf",
    "receipt_pdf",
]

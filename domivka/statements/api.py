"""The statements' public face."""

from domivka.statements.content import BillContent, BillDoesNotAddUp
from domivka.statements.issuing import KIND as BILLS_JOB
from domivka.statements.issuing import Issued, IssuingCancelled, cancel_issuing, issue_bills, subject_of
from domivka.statements.look import COLUMNS, BadLook, Look, look_of, save_look
from domivka.statements.papers import (
    SlipPaper,
    VisitPaper,
    payment_certificate_pdf,
    queue_slip_pdf,
    receipt_pdf,
    visit_ticket_pdf,
)
from domivka.statements.personal import personal_data
from domivka.statements.preview import preview
from domivka.statements.printing import (
    NothingToPrint,
    PrintRunning,
    cancel_print,
    file_of,
    open_parts,
    print_all,
    print_part,
    reprint,
    resume_print,
    start_print,
)
from domivka.statements.queries import BillNotFound, BillView, bill_content, bill_pdf, bills_of, paper_bills
from domivka.statements.rules.nbu_qr import QrRefused, Transfer, format_002, format_003

__all__ = [
    "BILLS_JOB",
    "COLUMNS",
    "BadLook",
    "BillContent",
    "BillDoesNotAddUp",
    "BillNotFound",
    "BillView",
    "Issued",
    "IssuingCancelled",
    "Look",
    "NothingToPrint",
    "PrintRunning",
    "QrRefused",
    "SlipPaper",
    "Transfer",
    "VisitPaper",
    "bill_content",
    "bill_pdf",
    "bills_of",
    "cancel_issuing",
    "cancel_print",
    "file_of",
    "format_002",
    "format_003",
    "issue_bills",
    "look_of",
    "open_parts",
    "paper_bills",
    "payment_certificate_pdf",
    "personal_data",
    "preview",
    "print_all",
    "print_part",
    "queue_slip_pdf",
    "receipt_pdf",
    "reprint",
    "resume_print",
    "save_look",
    "start_print",
    "subject_of",
    "visit_ticket_pdf",
]

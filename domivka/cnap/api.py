"""What faces may use of the CNAP."""

from domivka.cnap.application_desk import decide as decide_application
from domivka.cnap.applications import save_documents, send_application, start_application
from domivka.cnap.cases import open_case, save_stage
from domivka.cnap.catalogue import (
    OfferView,
    ServiceRow,
    ServiceView,
    SlotView,
    save_offer,
    save_service,
    save_slot,
    service,
    services,
)
from domivka.cnap.consultations import save_consultation, send_consultation
from domivka.cnap.desk import answer as answer_consultation
from domivka.cnap.files import FileView, Upload, add_documents, delete_document, document, documents_of, sweep
from domivka.cnap.letters import Words, count_unread, tell
from domivka.cnap.offices import OfficeView, is_closed, office, offices, open_on, save_office
from domivka.cnap.personal import erase_person, open_matters, personal_data
from domivka.cnap.phrases import save_reason, save_template
from domivka.cnap.terms import set_term
from domivka.cnap.words import Status

__all__ = [
    "FileView",
    "OfferView",
    "OfficeView",
    "ServiceRow",
    "ServiceView",
    "SlotView",
    "Status",
    "Upload",
    "Words",
    "add_documents",
    "answer_consultation",
    "count_unread",
    "decide_application",
    "delete_document",
    "document",
    "documents_of",
    "erase_person",
    "is_closed",
    "office",
    "offices",
    "open_case",
    "open_matters",
    "open_on",
    "personal_data",
    "save_consultation",
    "save_documents",
    "save_offer",
    "save_office",
    "save_reason",
    "save_service",
    "save_slot",
    "save_stage",
    "save_template",
    "send_application",
    "send_consultation",
    "service",
    "services",
    "set_term",
    "start_application",
    "sweep",
    "tell",
]

"""What faces may use of the CNAP."""

from domivka.cnap.files import FileView, Upload, add_documents, delete_document, document, documents_of, sweep

__all__ = ["FileView", "Upload", "add_documents", "delete_document", "document", "documents_of", "sweep"]

"""What others may use of privacy: the demo makes an archive ahead."""

from domivka.privacy.exports import ask_export, make_export

__all__ = ["ask_export", "make_export"]

"""Notifications: every e-mail and SMS is first a row of the outbox, then a job sends it.

A *message* has a recipient, a template code (what it is about) and a body; in the demo it stays in the outbox and is
shown on the demo mailbox page, elsewhere it leaves through SMTP or the SMS gateway.
"""

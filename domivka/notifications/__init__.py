"""Notifications: e-mail, SMS and later push, from templates, through one outbox with a delivery log.

In the demo nothing leaves the machine: messages are read on the mailbox page."""

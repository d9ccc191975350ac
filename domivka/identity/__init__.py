"""Identity: people, sign-in by e-mail or phone, roles with a scope, and the one place that decides who may open what."""

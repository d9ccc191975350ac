"""The administrative services centre (ЦНАП): a resident's documents, consultations, applications, cases and messages, and
the desk of its administrators.

Words: office — ЦНАП; subject — СНАП, the body that provides a service; consultation — «Звернення»; application — «Заява»;
case — «Справа»; document — a file of the resident's library.
"""

"""Homes: who may see which premises.

A *home* is a premises in a person's cabinet. It is *pending* until the four-digit PIN sent by e-mail is typed, *locked*
until the *authorisation key* printed bottom-left on the newest paper bill is typed, then *open*.
"""

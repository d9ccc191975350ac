"""«Мої дані»: who looked at a person's data, an export of all of it, and its erasure. Each context tells what is its own
(`personal_data`, `erase_person` of its `api`); this one, standing above them, collects."""

"""Anki decks from study notes on fine-tuning language models, with answers held against measurements."""

__version__ = "0.2.0"
TRAINER = "reference_trainer"
"""The package of the demos."""

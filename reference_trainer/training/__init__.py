"""The training loop's parts; `reference_trainer/train.py` puts them together."""

"""What demos share: models, real shapes, prefixes, pictures, equal numbers on every run."""

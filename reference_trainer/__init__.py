"""Every concept of the notes, runnable and measured: one module a concept."""

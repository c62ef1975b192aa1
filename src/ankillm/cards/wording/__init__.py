"""How concepts are worded as questions, a language a file."""

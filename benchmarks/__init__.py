"""sipweb beside what a Python developer would pick instead; see README.md."""

"""One run over one project, and over several: its findings, their baseline, what is new."""

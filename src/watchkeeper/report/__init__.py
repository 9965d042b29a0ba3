"""Figures and the self-contained HTML report, used by notebooks, the command line and the console alike."""

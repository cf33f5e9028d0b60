"""Reads `models/`: skeletons and model cards. Data only; nothing registers itself."""

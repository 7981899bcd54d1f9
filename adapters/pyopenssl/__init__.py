"""pyOpenSSL, driven through its public API and, where that has no word for it, through its binding."""

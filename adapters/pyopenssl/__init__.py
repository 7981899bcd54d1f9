"""pyOpenSSL, which carries an OpenSSL of its own: its public API, and its binding where the public API has no word."""

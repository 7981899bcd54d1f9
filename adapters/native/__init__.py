"""Any libssl shared library, driven through ctypes in a worker process. Nothing but the standard library is imported here."""

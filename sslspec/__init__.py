"""An executable specification of OpenSSL's session API.

This package holds what the four folders share: clauses, verdicts, evidence, the record as a value, and the command line on
top of them. Scenarios are in `sslspec.features`, their words in `sslspec.steps`, the ways to drive a library in
`sslspec.adapters`, and what a reader sees in `sslspec.reports`.
"""

__version__ = "0.1.0"

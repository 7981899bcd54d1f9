"""Ways to drive an implementation: the interface, the model, real libraries behind a worker, and how they are found.

An adapter knows the API of its library and nothing of Gherkin; see interface.py for what it must answer.
"""

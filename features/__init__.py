"""The Gherkin features, and beside them the tables of clauses; there is no code here."""

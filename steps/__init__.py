"""The step definitions, one module per noun, and the pytest plugin that runs scenarios and collects verdicts."""

"""What a reader sees: the record as JSON and its schema, and one module for each other format."""

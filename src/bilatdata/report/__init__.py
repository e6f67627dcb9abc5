"""A report in, a string out: one module per output format, each with `render`."""

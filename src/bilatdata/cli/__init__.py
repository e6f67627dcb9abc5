"""The command line: each verb parses its arguments, calls one function of the package and prints what it gives."""

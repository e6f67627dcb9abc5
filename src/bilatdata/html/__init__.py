"""Records and tables as pieces of HTML for notebooks: one look, light and dark, every cell escaped, no script."""

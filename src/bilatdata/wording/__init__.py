"""How the record is put into words: codes by their labels, ids by their names, dates and figures for people."""

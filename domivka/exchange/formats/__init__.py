"""Files of providers as tables of text: dbf, csv, xls, xlsx. Reading never guesses values, only layout and letters."""

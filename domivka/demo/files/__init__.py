"""Writers of the providers' files, of the kinds that real offices send: dbf CP866, xls, xlsx, csv CP1251, tab-separated UTF-8."""

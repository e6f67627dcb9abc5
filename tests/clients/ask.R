# Asks one R package for the answers of test_clients.py: Rscript ask.R CLIENT FOLDER
arguments <- commandArgs(trailingOnly = TRUE)
client <- arguments[1]
folder <- arguments[2]

# Each client gives the rows of a table as a data frame.
tables <- list(
  readr = function(table) {
    descriptor <- jsonlite::read_json(file.path(folder, "datapackage.json"))
    resource <- Filter(function(resource) resource$name == table, descriptor$resources)[[1]]
    readr::read_csv(
      file.path(folder, resource$path), col_types = readr::cols(.default = "c"), na = "", progress = FALSE
    )
  },
  RSQLite = function(table) {
    connection <- DBI::dbConnect(RSQLite::SQLite(), file.path(folder, "bilatdata.sqlite"), flags = RSQLite::SQLITE_RO)
    on.exit(DBI::dbDisconnect(connection))
    DBI::dbReadTable(connection, table)
  }
)[[client]]

meetings <- tables("meetings")
products <- tables("trade_products")
levels <- table(meetings$level_code)
answer <- list(
  meetings = nrow(meetings),
  levels = as.list(setNames(as.integer(levels), names(levels))),
  no_city = sum(is.na(meetings$city)),
  longest_outcome = max(nchar(meetings$outcome, type = "chars"), na.rm = TRUE),
  products = nrow(products),
  value_usd = sum(as.numeric(products$value_usd), na.rm = TRUE),
  no_value = sum(is.na(products$value_usd)),
  leading_zeros = I(sort(unique(grep("^0", products$hs_code, value = TRUE)), method = "radix"))
)
version <- paste0(packageVersion(client), ", R ", getRversion())
cat(jsonlite::toJSON(list(version = version, answer = answer), auto_unbox = TRUE, digits = NA))

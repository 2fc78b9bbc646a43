module mask_columns

go 1.24

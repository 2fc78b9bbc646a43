module random_choices

go 1.24

module reject_without_where

go 1.24

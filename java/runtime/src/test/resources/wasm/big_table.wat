;; A table whose minimum is 1000 elements.
(module (table (export "table") 1000 funcref))

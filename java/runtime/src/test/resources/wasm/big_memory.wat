;; A memory whose minimum is 100 pages: 6,553,600 bytes.
(module (memory (export "memory") 100))

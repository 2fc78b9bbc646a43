;; A start function that never ends.
(module
  (func $begin loop $again br $again end)
  (start $begin))

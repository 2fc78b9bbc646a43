;; Work that ends and work that does not.
(module
  (func $forever (export "forever") loop $again br $again end)
  (func (export "count") (param $n i32) (result i32)
    (local $i i32)
    loop $again
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      local.get $n
      i32.lt_u
      br_if $again
    end
    local.get $i))

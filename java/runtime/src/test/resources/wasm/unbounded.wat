;; A memory without a maximum of its own, that is grown until nobody gives any more.
(module
  (memory (export "memory") 1)
  (table (export "table") 1 funcref)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "grow_table") (param i32) (result i32) ref.null func local.get 0 table.grow 0)
  (func (export "eat") (result i32)
    (local $pages i32)
    loop $again
      i32.const 1
      memory.grow
      i32.const -1
      i32.ne
      if
        local.get $pages
        i32.const 1
        i32.add
        local.set $pages
        br $again
      end
    end
    local.get $pages))

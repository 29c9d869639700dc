(module)
(assert_something)

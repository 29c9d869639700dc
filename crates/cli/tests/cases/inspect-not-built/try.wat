(module (func (export "f") try catch_all end))

(module (func (export "proc_exit")))

// duktape: runs the script that is its only argument; the script's `print` writes a line.

#include "duktape.h"
#include "whole_file.h"

static duk_ret_t print(duk_context *context)
{
    puts(duk_safe_to_string(context, 0));
    return 0;
}

int main(int count, char **arguments)
{
    duk_context *context = duk_create_heap_default();
    size_t length;
    if (count != 2 || context == NULL)
        return 2;
    duk_push_c_function(context, print, 1);
    duk_put_global_string(context, "print");
    duk_eval_lstring_noresult(context, whole_file(arguments[1], &length), length);
    duk_destroy_heap(context);
    return 0;
}

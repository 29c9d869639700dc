// quickjs: runs the script that is its only argument; the script's `print` writes a line.

#include "quickjs.h"
#include "whole_file.h"

static JSValue print(JSContext *context, JSValueConst this, int count, JSValueConst *arguments)
{
    (void)this;
    const char *text = count > 0 ? JS_ToCString(context, arguments[0]) : NULL;
    if (text != NULL)
        puts(text);
    JS_FreeCString(context, text);
    return JS_UNDEFINED;
}

int main(int count, char **arguments)
{
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = runtime == NULL ? NULL : JS_NewContext(runtime);
    size_t length;
    if (count != 2 || context == NULL)
        return 2;
    JSValue global = JS_GetGlobalObject(context);
    JS_SetPropertyStr(context, global, "print", JS_NewCFunction(context, print, "print", 1));
    JS_FreeValue(context, global);
    char *script = whole_file(arguments[1], &length);
    JSValue result = JS_Eval(context, script, length, arguments[1], JS_EVAL_TYPE_GLOBAL);
    int failed = JS_IsException(result);
    if (failed)
        fprintf(stderr, "quickjs: %s\n", JS_ToCString(context, JS_GetException(context)));
    JS_FreeValue(context, result);
    free(script);
    return failed;
}

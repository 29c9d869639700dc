// QuickJS without the libraries that need a system: runs the script on standard input, with the
// program's argument as the global `n`, and prints what the script's last expression is.

#include <stdio.h>
#include <stdlib.h>

#include "quickjs.h"

int main(int argc, char **argv)
{
    static char script[1 << 16];
    size_t size = fread(script, 1, sizeof script - 1, stdin);
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = JS_NewContext(runtime);
    JSValue global = JS_GetGlobalObject(context);
    JS_SetPropertyStr(context, global, "n", JS_NewInt32(context, argc > 1 ? atoi(argv[1]) : 1));
    JS_FreeValue(context, global);
    JSValue value = JS_Eval(context, script, size, "script", JS_EVAL_TYPE_GLOBAL);
    int wrong = JS_IsException(value);
    if (wrong) {
        JS_FreeValue(context, value);
        value = JS_GetException(context);
    }
    const char *text = JS_ToCString(context, value);
    printf("%s\n", text ? text : "no text");
    JS_FreeCString(context, text);
    JS_FreeValue(context, value);
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
    return wrong;
}

// QuickJS with a plugin's script in it. `wizer-initialize` makes the context and runs the script; Wizer calls it when the plugin is built, so
// that the module which is shipped begins with the script's state in its memory.
#include <stdlib.h>
#include <string.h>

#include "quickjs.h"

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT(GetQueryOnHost) unsigned GetQueryOnHost(unsigned long long ctx, char **value, size_t *length);
IMPORT(SetErrorMessageOnHost) unsigned SetErrorMessageOnHost(unsigned long long ctx, const char *text, size_t length);

extern const char script[];
extern const size_t script_length;

static JSContext *context;
static JSValue before;

EXPORT("wizer-initialize") void initialize(void) {
    JSRuntime *runtime = JS_NewRuntime();
    context = JS_NewContext(runtime);
    JSValue result = JS_Eval(context, script, script_length, "plugin.js", JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(result)) {
        abort();
    }
    JS_FreeValue(context, result);
    JSValue global = JS_GetGlobalObject(context);
    before = JS_GetPropertyStr(context, global, "before");
    JS_FreeValue(context, global);
}

static void report(unsigned long long ctx, JSValue text) {
    size_t length;
    const char *bytes = JS_ToCStringLen(context, &length, text);
    if (bytes) {
        SetErrorMessageOnHost(ctx, bytes, length);
        JS_FreeCString(context, bytes);
    }
}

EXPORT("RunBeforeExecutionOnGuest") void run_before(unsigned long long ctx) {
    char *value;
    size_t length;
    if (GetQueryOnHost(ctx, &value, &length) != 0) {
        return; // an empty query
    }
    JSValue query = JS_NewStringLen(context, value, length);
    free(value);
    JSValue answer = JS_Call(context, before, JS_UNDEFINED, 1, &query);
    JS_FreeValue(context, query);
    if (JS_IsException(answer)) {
        JSValue exception = JS_GetException(context);
        report(ctx, exception);
        JS_FreeValue(context, exception);
    } else if (!JS_IsUndefined(answer)) {
        report(ctx, answer);
    }
    JS_FreeValue(context, answer);
}

EXPORT("RunAfterExecutionOnGuest") void run_after(unsigned long long ctx) {
    (void)ctx;
}

// Lua without the libraries that need a system: runs the script on standard input, with the
// program's argument as the global `n`.

#include <stdio.h>
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static const luaL_Reg libraries[] = {
    { LUA_GNAME, luaopen_base },
    { LUA_TABLIBNAME, luaopen_table },
    { LUA_STRLIBNAME, luaopen_string },
    { LUA_MATHLIBNAME, luaopen_math },
};

int main(int argc, char **argv)
{
    static char script[1 << 16];
    size_t size = fread(script, 1, sizeof script, stdin);
    lua_State *lua = luaL_newstate();
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    lua_pushinteger(lua, argc > 1 ? atoi(argv[1]) : 1);
    lua_setglobal(lua, "n");
    if (luaL_loadbuffer(lua, script, size, "=script") != LUA_OK || lua_pcall(lua, 0, 0, 0) != LUA_OK) {
        printf("%s\n", lua_tostring(lua, -1));
        return 1;
    }
    lua_close(lua);
    return 0;
}

// lua: runs the script that is its only argument.

#include <stdio.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

int main(int count, char **arguments)
{
    lua_State *state = luaL_newstate();
    if (count != 2 || state == NULL)
        return 2;
    luaL_openlibs(state);
    if (luaL_loadfile(state, arguments[1]) != LUA_OK) {
        fprintf(stderr, "lua: %s\n", lua_tostring(state, -1));
        return 1;
    }
    lua_call(state, 0, 0);
    lua_close(state);
    return 0;
}

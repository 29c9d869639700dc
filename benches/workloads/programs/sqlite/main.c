// SQLite on a database in memory: runs the SQL on standard input, with the program's argument as
// the only row of the table `argument(n)`, and prints the rows of all queries.

#include <stdio.h>
#include <stdlib.h>

#include "sqlite3.h"

static int print_row(void *unused, int count, char **values, char **names)
{
    (void)unused, (void)names;
    for (int i = 0; i < count; i++)
        printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    static char script[1 << 16], argument[99];
    script[fread(script, 1, sizeof script - 1, stdin)] = '\0';
    snprintf(argument, sizeof argument, "create table argument(n); insert into argument values (%d)",
             argc > 1 ? atoi(argv[1]) : 1);
    sqlite3 *database;
    char *wrong = NULL;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK
        || sqlite3_exec(database, argument, NULL, NULL, &wrong) != SQLITE_OK
        || sqlite3_exec(database, script, print_row, NULL, &wrong) != SQLITE_OK) {
        printf("%s\n", wrong ? wrong : "no database");
        return 1;
    }
    return sqlite3_close(database) != SQLITE_OK;
}

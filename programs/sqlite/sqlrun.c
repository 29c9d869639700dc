// sqlrun: runs a SQL script on a database file with SQLite.
//
//   sqlrun DATABASE SCRIPT
//
// Each statement's rows go to the standard output, columns parted by `|`. A failing statement
// prints its error there too, and the script goes on: what fails and how is part of the output.
//
// Exit status: 0, or 1 if a file cannot be used, or 2 if the command line is wrong.

#include <stdio.h>
#include <stdlib.h>

#include "sqlite3.h"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t length = 0, capacity = 1 << 12;
    char *text = malloc(capacity);
    while (text != NULL) {
        length += fread(text + length, 1, capacity - 1 - length, file);
        if (length + 1 < capacity)
            break;
        capacity *= 2;
        text = realloc(text, capacity);
    }
    if (text != NULL)
        text[length] = '\0';
    fclose(file);
    return text;
}

static void print_row(sqlite3_stmt *statement)
{
    int columns = sqlite3_column_count(statement);
    for (int column = 0; column < columns; column++) {
        if (column > 0)
            putchar('|');
        if (sqlite3_column_type(statement, column) == SQLITE_BLOB) {
            const unsigned char *bytes = sqlite3_column_blob(statement, column);
            for (int i = 0; i < sqlite3_column_bytes(statement, column); i++)
                printf("%02x", bytes[i]);
        } else {
            const unsigned char *text = sqlite3_column_text(statement, column);
            fputs(text != NULL ? (const char *)text : "NULL", stdout);
        }
    }
    putchar('\n');
}

static void run_script(sqlite3 *database, const char *script)
{
    while (*script != '\0') {
        sqlite3_stmt *statement = NULL;
        int status = sqlite3_prepare_v2(database, script, -1, &statement, &script);
        // An empty statement: blanks or a comment.
        if (status == SQLITE_OK && statement == NULL)
            continue;
        while (status == SQLITE_OK || status == SQLITE_ROW) {
            status = sqlite3_step(statement);
            if (status == SQLITE_ROW)
                print_row(statement);
        }
        if (status != SQLITE_DONE)
            printf("error %d: %s\n", sqlite3_extended_errcode(database), sqlite3_errmsg(database));
        sqlite3_finalize(statement);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: sqlrun DATABASE SCRIPT\n");
        return 2;
    }
    char *script = read_file(argv[2]);
    if (script == NULL) {
        fprintf(stderr, "sqlrun: cannot read the script\n");
        return 1;
    }
    sqlite3 *database = NULL;
    if (sqlite3_open(argv[1], &database) != SQLITE_OK) {
        fprintf(stderr, "sqlrun: %s\n", sqlite3_errmsg(database));
        return 1;
    }
    run_script(database, script);
    printf("%s after %d changes\n", sqlite3_libversion(), sqlite3_total_changes(database));
    sqlite3_close(database);
    free(script);
    return 0;
}

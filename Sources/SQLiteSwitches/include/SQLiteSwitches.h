// The switches of sqlite3_db_config() that the store sets. The function is variadic, so Swift cannot
// call it. Each returns an SQLite result code.

#ifndef SQLITE_SWITCHES_H
#define SQLITE_SWITCHES_H

struct sqlite3;

/// Refuses SQL that can damage the file on purpose: https://sqlite.org/c3ref/c_dbconfig_defensive.html
int sqlite_switches_set_defensive(struct sqlite3 *connection, int is_on);

/// Whether the connection, when it is the last to close, moves the WAL into the file.
int sqlite_switches_set_checkpoint_on_close(struct sqlite3 *connection, int is_on);

#endif

/* An admin's connection: one request at a time, answered by rows and a result.
 *
 * Rows come from the worker a page at a time and are sent as the other side reads them; only when a page is sent the next one is asked
 * for. So a list of 100,000 rows costs memory for one page and delays no login by more than one page.
 */
#ifndef GARDE_VERIFIER_ADMIN_SESSION_H
#define GARDE_VERIFIER_ADMIN_SESSION_H

#include "connection.h"

#define ADMIN_ROWS_AT_ONCE 4 /* sent in a turn of the loop */

#define ADMIN_IDLE_US  1200000000ULL /* somebody installs an app before typing the first code */
#define ADMIN_WRITE_US 30000000ULL   /* no row was taken for so long: dropped */

/* Takes fd and the census place over, on failure too. */
void admin_session_start(struct server *server, int fd, uint32_t uid);

/* A JOB_ADMIN came back. */
void admin_session_done(struct job *job);

#endif

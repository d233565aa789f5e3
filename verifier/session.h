/* A login: the verifier's half of ASK -> PROMPT | SKIP | REFUSE, ANSWER -> VERDICT.
 *
 *   ASKING      waits for ASK, 3 s
 *   LOOKING     JOB_LOOK and name look-up, only where a rule may let users through without a code
 *   PROMPTED    waits for a person, 5 min
 *   JUDGING     an attempt waits for its user's turn, or is with the worker
 *   HOLDING     refused, or an unprivileged peer that was let through by a rule and has been told; waits for the next point of the grid
 *   GONE        hung up; what the worker still has is finished, recorded and told to nobody
 *
 * Only in ASKING and PROMPTED anything is read, one message at a time.
 */
#ifndef GARDE_VERIFIER_SESSION_H
#define GARDE_VERIFIER_SESSION_H

#include "connection.h"

#define SESSION_ASK_US    3000000ULL
#define SESSION_PERSON_US 300000000ULL
#define SESSION_GRID_US   100000ULL

/* Takes fd and the census place over, on failure too. peer: for DOOR_PEER. */
void session_start(struct server *server, int fd, enum door door, uint32_t uid, const struct settings_peer *peer);

/* A JOB_LOOK or JOB_ATTEMPT of a session came back. */
void session_done(struct job *job);

#endif

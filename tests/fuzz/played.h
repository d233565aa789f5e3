/* A verifier that is played from an input, on a real socket, whenever the module gives it a turn: when it connects, has sent
 * something, waits, or while the person types. Where the input is silent it does what garded would: it prompts, takes one code, and lets an empty
 * answer through.
 *
 * Input, at each turn: below 64: as garded would. Else its last two bits say how many actions follow, each with what it needs. */
#ifndef GARDE_TESTS_PLAYED_H
#define GARDE_TESTS_PLAYED_H

#include "fuzz.h"

#define PLAYED_CODE "736251"

/* Whom to play for, from now on. typed: what the person typed last, NULL for nothing. */
void played_start(struct input *input);
void played_types(const char *typed);
/* That was a password and a code in one field: of an ANSWER it is known only that it is the end of it. */
void played_types_both(const char *typed);
int64_t played_while_typing(void); /* how long that took */
unsigned played_connections(void);
/* Everything hangs up. */
void played_end(void);

/* What has happened says: in the last connection came PROMPT, ANSWER, and as the next word after it ACCEPTED. */
bool played_accepted(void);
/* How many ANSWERs came. */
unsigned played_answers(void);
/* The first word of the only connection with an ASK was SKIP for a user who is not enrolled. */
bool played_skipped(void);
/* As played_accepted, but PROMPT had said that the answer may be empty, it was, and the next word was SKIP for a pending user. */
bool played_skipped_pending(void);

/* The socket's path; made once, and removed at the end of the process. */
const char *played_path(void);

#endif

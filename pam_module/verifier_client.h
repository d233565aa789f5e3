/* The module's side of the wire: one ASK, and one ANSWER once the person has typed. */
#ifndef GARDE_PAM_VERIFIER_CLIENT_H
#define GARDE_PAM_VERIFIER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/secret.h>
#include <garde/wire.h>

#include "result.h"

struct verifier_client {
    const char *socket;
    int64_t timeout_ms;    /* for each of the two exchanges */
    int fd;                /* -1: not connected */
    struct secret *packet; /* for all messages; NULL at first */
    bool may_be_empty;     /* the PROMPT of this connection said so */
    bool at_once;          /* a refusal need not wait for its place on the verifier's grid */
    const char *trouble;   /* why the outcome was OUTCOME_UNAVAILABLE; for the log */
};

/* OUTCOME_UNDECIDED: ask the person, *out_prompt says how. Else OUTCOME_SKIPPED, _REFUSED, _UNAVAILABLE, _NO_MEMORY. */
enum outcome verifier_client_ask(struct verifier_client *client, const struct wire_ask *ask,
                                 struct wire_prompt *out_prompt);

/* The same for who is not let through yet, whatever is said: the verifier records nothing, and takes no code. It has hung up afterwards. */
enum outcome verifier_client_look(struct verifier_client *client, const struct wire_ask *ask,
                                  struct wire_prompt *out_prompt);

/* OUTCOME_ACCEPTED, _REFUSED, _UNAVAILABLE, _NO_MEMORY; OUTCOME_SKIPPED for an empty code, after a PROMPT that allowed it. If the verifier went away
 * while the person was typing (a restart, its own deadline), it is asked once more; a code that was sent is never sent again.
 * OUTCOME_NO_CODE: an empty code, and the PROMPT does not allow it (any more): nothing was sent. */
enum outcome verifier_client_answer(struct verifier_client *client, const struct wire_ask *ask, struct secret *code);

/* What the verifier said is no use to the caller: OUTCOME_UNAVAILABLE, as if it had been no message at all. */
enum outcome verifier_client_odd(struct verifier_client *client);

/* Frees what the client holds. For a cleanup attribute, too. */
void verifier_client_close(struct verifier_client *client);

#endif

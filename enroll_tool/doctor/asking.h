/* Requests to the verifier that complain to nobody: the doctor has its own words. */
#ifndef GARDE_TOOL_DOCTOR_ASKING_H
#define GARDE_TOOL_DOCTOR_ASKING_H

#include <garde/wire.h>

typedef void asking_row(const struct wire_message *row, void *context);

/* One request on a connection of its own. What wire_connect, wire_send and wire_receive say; STATUS_INVALID: something else answers there.
 * row may be NULL. */
enum status asking_ask(const char *socket, const struct wire_message *request, int64_t wait_ms, asking_row *row,
                       void *context, struct wire_result *out_result) GARDE_MUST_CHECK;

#endif

/* Requests to the verifier over its admin socket. The only part of the tool that knows how to reach it.
 *
 * One connection a request: nothing is held open while a person types.
 */
#ifndef GARDE_TOOL_ADMIN_CLIENT_H
#define GARDE_TOOL_ADMIN_CLIENT_H

#include <garde/wire.h>

#include "tool.h"

/* Sends a request and takes its WIRE_RESULT. What goes wrong on the way is told, with how to mend it: TOOL_UNREACHABLE (or TOOL_USAGE: the
 * configuration). TOOL_DONE: there is a result, good or bad; see result.h. The request keeps its secrets. */
enum tool_exit admin_client_ask(struct tool *tool, const struct wire_message *request,
                                struct wire_result *out_result) GARDE_MUST_CHECK;

/* The same for requests that are answered by rows: each is handed over as it arrives; false: enough, TOOL_REFUSED. */
typedef bool admin_client_row(const struct wire_message *row, void *context);
enum tool_exit admin_client_stream(struct tool *tool, const struct wire_message *request, admin_client_row *row,
                                   void *context, struct wire_result *out_result) GARDE_MUST_CHECK;

#endif

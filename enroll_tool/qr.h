/* A QR code symbol (ISO/IEC 18004) of a secret text, level M, and its three pictures.
 *
 * MUST 1  A symbol is the secret: its modules live in a struct secret, pictures go out through a sink, what a library
 *         kept is wiped as far as it can be reached.
 * MUST 2  Every picture has the full quiet zone of four modules, dark on light.
 */
#ifndef GARDE_TOOL_QR_H
#define GARDE_TOOL_QR_H

#include <stdbool.h>

#include <garde/secret.h>
#include <garde/status.h>

#include "sink.h"

#define QR_QUIET 4 /* modules on each side */

struct qr; /* modules, one bit each */

/* STATUS_INVALID: too long for a symbol, or empty. The caller owns it. */
enum status qr_new(const struct secret *text, struct qr **out_qr) GARDE_MUST_CHECK;
void qr_free(struct qr *qr);
void qr_drop(struct qr **qr);
#define qr_owner __attribute__((cleanup(qr_drop)))

/* Modules on a side with the quiet zone; x and y count from its corner. */
unsigned qr_side(const struct qr *qr);
bool qr_is_dark(const struct qr *qr, unsigned x, unsigned y);

/* UTF-8 half blocks, two rows of modules a line, qr_side columns and (qr_side + 1) / 2 lines. Black on white is said for each line with
 * colours outside a theme's sixteen, also where standard output is no terminal: they are the picture, not decoration. */
void qr_write_terminal(const struct qr *qr, struct sink *sink);
/* The dark modules as the data of an SVG path (its attribute `d`), a unit a module, for a picture of qr_side units on a side. */
void qr_write_path(const struct qr *qr, struct sink *sink);
/* One path, black on white, nothing from outside. */
void qr_write_svg(const struct qr *qr, struct sink *sink);
/* One bit grey, 8 pixels a module. STATUS_NO_MEMORY, or STATUS_FAILED: libpng failed; what the sink met is told by sink_close. */
enum status qr_write_png(const struct qr *qr, struct sink *sink) GARDE_MUST_CHECK;

#endif

/* Text from outside on a terminal, in columns.
 *
 * MUST 1  What came over the wire, from a file or from the command line goes to a terminal only through text_show: a name or
 *         label cannot move the cursor, change colours, or turn the reading direction round.
 */
#ifndef GARDE_TOOL_TEXT_H
#define GARDE_TOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_COLUMNS 80 /* what everything is laid out for */

/* Each byte becomes at most "\xNN". */
#define TEXT_SHOWN_SIZE(size) (4 * (size))

/* Copies what can be seen; each byte of anything else (control characters, direction marks, invisible characters, bytes that are not text in
 * this locale) becomes \xNN. Cut at size. Returns out. */
const char *text_show(char *out, size_t size, const char *text);

/* Copies the whole of text, or nothing: false if it does not fit. */
bool text_copy(char *out, size_t size, const char *text);

/* The columns that shown text takes. */
int text_columns(const char *shown);

/* Writes shown text into a cell of that many columns: filled up with spaces on the other side; cut with an ellipsis. */
void text_cell(FILE *out, const char *shown, int columns, bool to_the_right);

/* Writes text in lines of at most TEXT_COLUMNS, each but the first behind `indent` spaces; the cursor stands in column `column`.
 * Line ends in the text are kept. Ends with a line end. */
void text_wrap(FILE *out, const char *text, int column, int indent);

/* The same text as valid UTF-8, for JSON: each byte that is none becomes \xNN. Cut at size. Returns out. */
const char *text_utf8(char *out, size_t size, const char *text);

/* Length of the well-formed UTF-8 sequence at text (RFC 3629), 0 if there is none. */
size_t text_character(const char *text, uint32_t *out_char);

/* A character that cannot be seen, or changes how others look: direction marks, joiners, variation selectors ... */
bool text_hides(uint32_t c);

/* Text for a label or issuer: UTF-8 without control characters (C0, DEL, C1). */
bool text_is_clean(const char *text);

#endif

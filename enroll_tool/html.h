/* Text in an HTML page: the one place where it is escaped.
 *
 * MUST 1  Every text that is not the program's own markup goes through html_text, also texts of the program itself. What it writes is good as
 *         content of an element and between double quotes in an attribute: it opens no element, ends no attribute and begins no entity.
 * MUST 2  Bytes that are not UTF-8, control characters and characters that hide or turn round what stands beside them are written as
 *         U+FFFD, so that a name cannot look like another text.
 */
#ifndef GARDE_TOOL_HTML_H
#define GARDE_TOOL_HTML_H

#include "sink.h"

void html_text(struct sink *sink, const char *text);

#endif

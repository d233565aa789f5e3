#include "html.h"

#include <stdbool.h>

#include "text.h"

/* The program's own texts hold the blanks of French typography, which are harmless. */
static bool is_shown(uint32_t c)
{
    return c >= 0x20 && (c < 0x7f || c >= 0xa0) && !text_hides(c);
}

static const char *entity(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct sink *sink, const char *text)
{
    while (*text != '\0') {
        uint32_t c = 0;
        size_t len = text_character(text, &c);
        const char *instead = len == 0 || !is_shown(c) ? "\xef\xbf\xbd" : entity(c);
        if (instead != NULL)
            sink_text(sink, instead);
        else
            sink_put(sink, text, len);
        text += len == 0 ? 1 : len;
    }
}

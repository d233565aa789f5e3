#include "stack_text.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \n\t"

/* One physical line, or what fits of it. false: it does not fit. */
static bool take_physical(struct stack_text *text, char *out, size_t size)
{
    const char *from = text->bytes + text->at;
    size_t left = text->len - text->at;
    const char *end = memchr(from, '\n', left);
    size_t len = end == NULL ? left : (size_t)(end - from) + 1;

    if (len >= size)
        return false;
    memcpy(out, from, len);
    out[len] = '\0';
    text->at += len;
    text->line++;
    return true;
}

/* Where the line goes on in the next one: the blank that takes the backslash's place; NULL: it ends here. */
static char *continuation(char *content)
{
    char *last = content + strlen(content);
    while (last > content && strchr(BLANKS, last[-1]) != NULL)
        last--;
    if (last == content || last[-1] != '\\')
        return NULL;
    last[-1] = ' ';
    *last = '\0';
    return last;
}

enum stack_text_end stack_text_next(struct stack_text *text, char out_line[STACK_LINE_SIZE], unsigned *out_number)
{
    size_t used = 0;
    bool begun = false;

    for (;;) {
        if (text->at == text->len)
            return begun ? STACK_TEXT_UNFINISHED : STACK_TEXT_END;
        if (!take_physical(text, out_line + used, STACK_LINE_SIZE - used)) {
            *out_number = text->line + 1;
            return STACK_TEXT_TOO_LONG;
        }
        char *content = out_line + used;
        content += strspn(content, BLANKS);
        if (*content == '\0' || *content == '#')
            continue;
        if (!begun)
            *out_number = text->line;
        begun = true;

        char *comment = strchr(content, '#');
        if (comment != NULL) {
            *comment = '\0';
            return STACK_TEXT_LINE;
        }
        char *more = continuation(content);
        if (more == NULL)
            return STACK_TEXT_LINE;
        used = (size_t)(more - out_line);
    }
}

/* Behind '[': as far as ']' that no backslash stands before. Returns where it ends; what is between is closed up. */
static char *bracketed(char *word)
{
    char *to = word, *from = word;

    for (; *from != '\0' && *from != ']'; from++) {
        if (from[0] == '\\' && from[1] == ']')
            from++;
        *to++ = *from;
    }
    if (to != from)
        *to = '\0';
    return from;
}

char *stack_text_word(char **rest)
{
    char *word = *rest;
    if (word == NULL)
        return NULL;

    word += strspn(word, BLANKS);
    if (*word == '\0') {
        *rest = NULL;
        return NULL;
    }
    char *end = *word == '[' ? bracketed(++word) : word + strcspn(word, BLANKS);
    if (*end != '\0')
        *end++ = '\0';
    *rest = *end != '\0' ? end : NULL;
    return word;
}

#include "question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask.h"
#include "text.h"

#define ANSWER_MAX     64
#define ANSWER_COLUMNS 4 /* kept free on the first line, which is mostly the only one */

static bool is_yes(const struct secret *line)
{
    static const char *const words[] = {"yes", "y", "oui", "o"};
    char answer[ANSWER_MAX + 1];
    const char *end = (const char *)secret_read(line) + secret_len(line);
    const char *begin = (const char *)secret_read(line);

    begin += strspn(begin, " \t");
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t len = (size_t)(end - begin);
    memcpy(answer, begin, len);
    answer[len] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(answer, words[i]) == 0)
            return true;
    return false;
}

/* In lines that fit a terminal, with room for the answer behind the last. The caller frees it; NULL: no memory. */
static char *laid_out(const char *question)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    text_wrap(out, question, ANSWER_COLUMNS, 0);
    if (fclose(out) != 0 || size == 0) {
        free(text);
        return NULL;
    }
    text[size - 1] = ' '; /* the line end */
    return text;
}

enum tool_exit question_ask(const char *question, bool answered)
{
    secret_owner struct secret *line = NULL;

    if (answered)
        return TOOL_DONE;
    char *text = laid_out(question);
    enum status status = ask_line(text != NULL ? text : question, ASK_SHOWN, false, ANSWER_MAX, &line);
    free(text);
    if (status == STATUS_OK && is_yes(line))
        return TOOL_DONE;
    tool_complain(_("that was no yes, so nothing was done. A script answers with --yes."));
    return TOOL_REFUSED;
}

#include "question.h"

#include <string.h>
#include <strings.h>

#include "ask.h"

#define ANSWER_MAX 64

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

enum tool_exit question_ask(const char *question, bool answered)
{
    secret_owner struct secret *line = NULL;

    if (answered)
        return TOOL_DONE;
    if (ask_line(question, ASK_SHOWN, false, ANSWER_MAX, &line) == STATUS_OK && is_yes(line))
        return TOOL_DONE;
    tool_complain(_("that was no yes, so nothing was done. A script answers with --yes."));
    return TOOL_REFUSED;
}

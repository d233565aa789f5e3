/* A command line of bash that is being typed, up to the cursor: its words, and how to go on.
 *
 * Quotes and backslashes are understood as bash does. MUST: nothing is ever expanded, and no name from outside is put into the line but quoted.
 */
#ifndef GARDE_TOOL_COMPLETE_LINE_H
#define GARDE_TOOL_COMPLETE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMPLETE_LINE_SIZE 8192
#define COMPLETE_WORDS_MAX 128

struct complete_line {
    char text[COMPLETE_LINE_SIZE]; /* of all words */
    char *words[COMPLETE_WORDS_MAX];
    int count;         /* with the command's name; the last one is to be completed */
    bool wants_file;   /* the last one is where a redirection leads */
    char quote;        /* that is open in the last word: ' or ", else 0 */
    size_t kept;       /* so many bytes of the last word are not touched by what is inserted */
    bool cannot_go_on; /* an expansion, a pattern or a closed quote in the last word: what is inserted could be wrong */
};

/* breaks: COMP_WORDBREAKS, the characters behind which bash begins to insert. false: too long, or no simple command. */
bool complete_line_read(const char *text, const char *breaks, struct complete_line *out_line);

/* One candidate, which begins with the last word, as bash has to insert it, and a line end. */
void complete_line_write(const struct complete_line *line, const char *candidate, FILE *out);

#endif

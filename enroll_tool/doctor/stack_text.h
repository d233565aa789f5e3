/* The text of a PAM configuration file, cut into lines and words as libpam 1.5.2 cuts it.
 *
 * A line ends at '#', wherever it stands; one that ends with a backslash goes on in the next, over blank lines and comments. Only blank, tab and
 * line feed separate words: a carriage return belongs to the word before it. A word that begins with '[' goes as far as ']', blanks
 * included; "\]" is a ']' inside of it.
 */
#ifndef GARDE_TOOL_DOCTOR_STACK_TEXT_H
#define GARDE_TOOL_DOCTOR_STACK_TEXT_H

#include <stddef.h>

#define STACK_LINE_SIZE 1024 /* libpam's buffer: it takes the rest of a longer line for another line */

struct stack_text {
    const char *bytes;
    size_t len;
    size_t at;
    unsigned line; /* physical lines taken so far */
};

enum stack_text_end {
    STACK_TEXT_LINE = 1,
    STACK_TEXT_END,
    STACK_TEXT_UNFINISHED, /* the last line ends with a backslash: libpam refuses the file, behind the lines before */
    STACK_TEXT_TOO_LONG,   /* does not fit libpam's buffer */
};

/* The next line that says something, and the number of the physical line that it begins on. */
enum stack_text_end stack_text_next(struct stack_text *text, char out_line[STACK_LINE_SIZE], unsigned *out_number);

/* The next word of *rest, which is written into; NULL: none left. *rest at first: the line. */
char *stack_text_word(char **rest);

#endif

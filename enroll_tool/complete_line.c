#include "complete_line.h"

#include <string.h>

/* Readline replaces what stands behind the last character of COMP_WORDBREAKS, or behind a quote that is open; a candidate that
 * begins with that quote replaces the quote too. */

struct reader {
    struct complete_line *line;
    const char *breaks;
    const char *at;
    char *word; /* begin of the one that is being read; NULL: between two */
    char *end;  /* where its next byte goes */
    bool is_redirected;
};

static void begin_word(struct reader *reader)
{
    struct complete_line *line = reader->line;

    if (reader->word != NULL)
        return;
    reader->word = reader->end;
    line->quote = 0;
    line->kept = 0;
    line->cannot_go_on = false;
}

static void put(struct reader *reader, char c)
{
    begin_word(reader);
    *reader->end++ = c;
}

static bool end_word(struct reader *reader)
{
    struct complete_line *line = reader->line;

    if (reader->word == NULL)
        return true;
    *reader->end++ = '\0';
    if (reader->is_redirected)
        reader->end = reader->word;
    else if (line->count == COMPLETE_WORDS_MAX)
        return false;
    else
        line->words[line->count++] = reader->word;
    reader->word = NULL;
    reader->is_redirected = false;
    return true;
}

/* From an opening quote to the one that closes it, or to the end. */
static void read_quoted(struct reader *reader)
{
    struct complete_line *line = reader->line;
    char quote = *reader->at++;

    begin_word(reader);
    line->quote = quote;
    line->kept = (size_t)(reader->end - reader->word);
    for (; *reader->at != '\0' && *reader->at != quote; reader->at++) {
        if (quote == '"' && *reader->at == '\\' && reader->at[1] != '\0' && strchr("\"\\$`", reader->at[1]) != NULL)
            reader->at++;
        else if (quote == '"' && strchr("$`", *reader->at) != NULL)
            line->cannot_go_on = true;
        put(reader, *reader->at);
    }
    if (*reader->at == quote) {
        reader->at++;
        line->quote = 0;
        line->cannot_go_on = true;
    }
}

static void read_plain(struct reader *reader)
{
    struct complete_line *line = reader->line;
    char c = *reader->at++;

    if (c == '\\') {
        begin_word(reader);
        if (*reader->at != '\0')
            put(reader, *reader->at++);
        return;
    }
    if (strchr("$`*?[{", c) != NULL || (c == '~' && reader->word == NULL)) {
        put(reader, c);
        line->cannot_go_on = true;
        return;
    }
    put(reader, c);
    if (strchr(reader->breaks, c) != NULL)
        line->kept = (size_t)(reader->end - reader->word);
}

/* false: here the command ends, or something begins that is none of ours. */
static bool read_piece(struct reader *reader)
{
    char c = *reader->at;

    if (c == ' ' || c == '\t') {
        reader->at++;
        return end_word(reader);
    }
    if (c == '<' || c == '>') {
        bool goes_on = end_word(reader);
        reader->is_redirected = true;
        reader->at++;
        return goes_on;
    }
    if (strchr("|&;()\n", c) != NULL || (c == '#' && reader->word == NULL))
        return false;
    if (c == '"' || c == '\'')
        read_quoted(reader);
    else
        read_plain(reader);
    return true;
}

bool complete_line_read(const char *text, const char *breaks, struct complete_line *out_line)
{
    struct complete_line *line = out_line;
    struct reader reader = {.line = line, .breaks = breaks, .at = text, .end = line->text};

    line->count = 0;
    line->wants_file = false;
    if (strlen(text) >= sizeof line->text / 2) /* each word takes its bytes and a zero byte */
        return false;
    while (*reader.at != '\0')
        if (!read_piece(&reader))
            return false;
    begin_word(&reader); /* behind a blank: an empty one */
    line->wants_file = reader.is_redirected;
    reader.is_redirected = false;
    return end_word(&reader);
}

static bool is_harmless(char c)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,+%@:=";
    return ((unsigned char)c & 0x80) != 0 || strchr(harmless, c) != NULL;
}

static void write_byte(char quote, char c, FILE *out)
{
    if (quote == '\'' && c == '\'')
        fputs("'\\''", out);
    else if (quote == '"' && c == '!') /* the history's sign cannot be quoted there */
        fputs("\"\\!\"", out);
    else if (quote == 0 ? !is_harmless(c) : quote == '"' && strchr("\"\\$`", c) != NULL)
        fprintf(out, "\\%c", c);
    else
        fputc(c, out);
}

void complete_line_write(const struct complete_line *line, const char *candidate, FILE *out)
{
    if (line->quote != 0)
        fputc(line->quote, out);
    for (const char *at = candidate + line->kept; *at != '\0'; at++)
        write_byte(line->quote, *at, out);
    if (line->quote != 0)
        fputc(line->quote, out);
    fputc('\n', out);
}

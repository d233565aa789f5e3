#include "text.h"

#include <langinfo.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* Characters that are printable to the C library and yet change how others look, or cannot be seen. */
bool text_hides(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00ad, 0x00ad}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return true;
    return false;
}

/* Bytes of the character at text; *out_width its columns, or -1 if it must be escaped (then one byte). */
static size_t read_char(const char *text, int *out_width)
{
    mbstate_t state = {0};
    wchar_t c = 0;
    size_t len = mbrtowc(&c, text, strlen(text), &state);

    *out_width = -1;
    if (len == 0 || len > MB_LEN_MAX)
        return 1;
    if (!text_hides((uint32_t)c))
        *out_width = wcwidth(c); /* -1: not printable */
    return len;
}

static size_t put_escaped(char *out, size_t size, const char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;

    for (size_t i = 0; i < len && used + 4 < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        out[used++] = '\\';
        out[used++] = 'x';
        out[used++] = digits[byte >> 4];
        out[used++] = digits[byte & 15];
    }
    return used;
}

const char *text_show(char *out, size_t size, const char *text)
{
    size_t used = 0;

    while (*text != '\0') {
        int width = 0;
        size_t len = read_char(text, &width);
        if (used + 4 * len >= size)
            break;
        if (width < 0) {
            used += put_escaped(out + used, size - used, text, len);
        } else {
            memcpy(out + used, text, len);
            used += len;
        }
        text += len;
    }
    out[used] = '\0';
    return out;
}

bool text_copy(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

int text_columns(const char *shown)
{
    int columns = 0;

    while (*shown != '\0') {
        int width = 0;
        shown += read_char(shown, &width);
        columns += width < 0 ? 1 : width;
    }
    return columns;
}

static void put_spaces(FILE *out, int count)
{
    for (; count > 0; count--)
        fputc(' ', out);
}

/* As much of shown as fits into columns: how many bytes, and the columns they take. */
static size_t fitting(const char *shown, int columns, int *out_taken)
{
    size_t bytes = 0;
    int taken = 0;

    while (shown[bytes] != '\0') {
        int width = 0;
        size_t len = read_char(shown + bytes, &width);
        int more = width < 0 ? 1 : width;
        if (taken + more > columns)
            break;
        taken += more;
        bytes += len;
    }
    *out_taken = taken;
    return bytes;
}

void text_cell(FILE *out, const char *shown, int columns, bool to_the_right)
{
    int taken = text_columns(shown);

    if (taken <= columns) {
        if (to_the_right)
            put_spaces(out, columns - taken);
        fputs(shown, out);
        if (!to_the_right)
            put_spaces(out, columns - taken);
        return;
    }
    size_t bytes = fitting(shown, columns - 1, &taken);
    fwrite(shown, 1, bytes, out);
    fputs(strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "\xe2\x80\xa6" : "~", out);
    put_spaces(out, columns - 1 - taken);
}

void text_wrap(FILE *out, const char *text, int column, int indent)
{
    bool at_start = true;

    while (*text != '\0') {
        if (*text == '\n') {
            fputc('\n', out);
            put_spaces(out, text[1] == '\n' || text[1] == '\0' ? 0 : indent);
            column = indent;
            at_start = true;
            text++;
            continue;
        }
        size_t len = strcspn(text, " \n");
        char word[256];
        (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), text);
        int width = text_columns(word);
        if (!at_start && column + 1 + width > TEXT_COLUMNS) {
            fputc('\n', out);
            put_spaces(out, indent);
            column = indent;
        } else if (!at_start) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, len, out);
        column += width;
        at_start = false;
        text += len;
        if (*text == ' ')
            text++;
    }
    fputc('\n', out);
}

size_t text_character(const char *text, uint32_t *out_char)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;
    if (len == 0)
        return 0;

    uint32_t value = len == 1 ? at[0] : at[0] & (0xffU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *out_char = value;
    return len;
}

const char *text_utf8(char *out, size_t size, const char *text)
{
    size_t used = 0;

    while (*text != '\0') {
        uint32_t c = 0;
        size_t len = text_character(text, &c);
        if (used + 4 >= size)
            break;
        if (len == 0) {
            used += put_escaped(out + used, size - used, text, 1);
            text++;
            continue;
        }
        memcpy(out + used, text, len);
        used += len;
        text += len;
    }
    out[used] = '\0';
    return out;
}

bool text_is_clean(const char *text)
{
    while (*text != '\0') {
        uint32_t c = 0;
        size_t len = text_character(text, &c);
        if (len == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
            return false;
        text += len;
    }
    return true;
}

#include "pskc_name.h"

#include <string.h>
#include <strings.h>

#include "../text.h"
#include "hex.h"

static const char special[] = ",+\"\\<>;=";

/* The first value of the name, up to what divides it from the next. */
static bool unescape(const char *text, char out_user[USER_SIZE])
{
    size_t used = 0;

    for (; *text != '\0' && *text != ',' && *text != '+'; text++) {
        char byte = *text;
        if (byte == '\\') {
            int high = hex_value(text[1]), low = high < 0 ? -1 : hex_value(text[2]);
            if (text[1] == '\0' || (low >= 0 && (high << 4 | low) == 0))
                return false;
            byte = (char)(low < 0 ? text[1] : high << 4 | low);
            text += low < 0 ? 1 : 2;
        }
        if (used + 1 >= USER_SIZE)
            return false;
        out_user[used++] = byte;
    }
    out_user[used] = '\0';
    return used > 0;
}

bool pskc_name_decode(const char *text, char out_user[USER_SIZE])
{
    char user[USER_SIZE];

    if (strncasecmp(text, "UID=", 4) != 0)
        return text_copy(out_user, USER_SIZE, text);
    if (!unescape(text + 4, user))
        return false;
    return text_copy(out_user, USER_SIZE, user);
}

void pskc_name_encode(const char *user, char out_text[PSKC_NAME_SIZE])
{
    char *out = out_text + 4;

    memcpy(out_text, "UID=", 4);
    for (const char *at = user; *at != '\0'; at++) {
        bool at_edge = at == user || at[1] == '\0';
        if (strchr(special, *at) != NULL || (*at == ' ' && at_edge) || (*at == '#' && at == user))
            *out++ = '\\';
        *out++ = *at;
    }
    *out = '\0';
}

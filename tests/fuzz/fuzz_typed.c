/* What was typed into one field, beside a second reader that tries every place where the code may begin: the same password and the same code.
 *
 * Input: digits, then what was typed.
 * Target: pam_module/typed.c
 */
#include "fuzz.h"

#include "typed.h"

#define RECOVERY 15
#define DESK     8

struct plain {
    char kept[TYPED_MAX + 1];   /* without spaces and dashes */
    char spaced[TYPED_MAX + 1]; /* each run of them one space, and none at the ends */
};

static void tidy(const char *text, struct plain *out)
{
    size_t kept = 0, spaced = 0;
    for (; *text != '\0'; text++) {
        bool is_blank = *text == ' ' || *text == '-';
        if (!is_blank)
            out->kept[kept++] = *text;
        if (!is_blank || (spaced > 0 && out->spaced[spaced - 1] != ' '))
            out->spaced[spaced++] = is_blank ? ' ' : *text;
    }
    while (spaced > 0 && out->spaced[spaced - 1] == ' ')
        spaced--;
    out->kept[kept] = out->spaced[spaced] = '\0';
}

static bool are_digits(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789") == len;
}

static bool is_code(const char *tail, size_t digits, struct plain *out)
{
    tidy(tail, out);
    if (are_digits(out->kept, digits) || are_digits(out->kept, DESK))
        return true;
    static const char crockford[] = "0123456789ABCDEFGHIJKLMNOPQRSTVWXYZabcdefghijklmnopqrstvwxyz";
    if (strlen(out->kept) != RECOVERY || strspn(out->kept, crockford) != RECOVERY)
        return false;
    bool as_printed = strlen(out->spaced) == RECOVERY + 2 && out->spaced[5] == ' ' && out->spaced[11] == ' ';
    return as_printed || !are_digits(out->kept + RECOVERY - digits, digits);
}

/* How long the password is; the code is in out. */
static size_t read_plainly(const char *text, size_t digits, struct plain *out)
{
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == ',') {
        tidy("", out);
        return len - 1;
    }
    for (size_t at = len; at-- > 0;)
        if ((text[at] == ' ' || text[at] == ',') && is_code(text + at + 1, digits, out))
            return at;
    for (size_t blanks = 0; blanks <= 1; blanks++) {
        if (len < digits + blanks)
            continue;
        const char *tail = text + len - digits - blanks;
        tidy(tail, out);
        if (are_digits(out->kept, digits) && strchr(" -", tail[0]) == NULL && strchr(" -", text[len - 1]) == NULL)
            return len - digits - blanks;
    }
    tidy("", out);
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TYPED_MAX + 2];
    static struct plain plain;
    struct input input = {data, size};
    uint32_t digits = input_byte(&input) % 12;
    size_t len = input.left > TYPED_MAX + 1 ? TYPED_MAX + 1 : input.left;
    for (size_t i = 0; i < len; i++)
        text[i] = input.at[i] == 0 ? 'x' : (char)input.at[i]; /* libpam hands on strings */
    text[len] = '\0';

    secret_owner struct secret *typed = secret_copy(text, len);
    secret_owner struct secret *password = NULL;
    secret_owner struct secret *code = NULL;
    CLAIM(typed != NULL);
    enum status status = typed_split(typed, digits, &password, &code);
    if (len > TYPED_MAX || digits < 6 || digits > 8) {
        CLAIM(status == STATUS_INVALID && password == NULL && code == NULL);
        return 0;
    }
    size_t password_len = read_plainly(text, digits, &plain);
    CLAIM(status == STATUS_OK);
    CLAIM(secret_len(password) == password_len && memcmp(secret_read(password), text, password_len) == 0);
    CLAIM(secret_len(code) == strlen(plain.kept));
    CLAIM(memcmp(secret_read(code), plain.kept, secret_len(code)) == 0);
    return 0;
}

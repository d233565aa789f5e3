#include "format.h"

#include <string.h>

static const struct format formats[] = {
    {"google-authenticator", "google-authenticator", FORMAT_USER | FORMAT_LIST, format_google},
    {"users.oath", "pam_oath", 0, format_users_oath},
    {"pskc", "token", FORMAT_USER | FORMAT_DOMAIN | FORMAT_MAP | FORMAT_KEY, format_pskc},
    {"otpauth", "otpauth", FORMAT_USER | FORMAT_DOMAIN | FORMAT_ISSUER, format_otpauth},
    {"otpauth-migration", "otpauth", FORMAT_USER | FORMAT_DOMAIN | FORMAT_ISSUER, format_migration},
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

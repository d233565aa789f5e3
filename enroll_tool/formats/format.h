/* The table of formats that `garde import` reads. A new one is a row in format.c and a file beside it. */
#ifndef GARDE_TOOL_FORMAT_H
#define GARDE_TOOL_FORMAT_H

#include "../tool.h"
#include "incoming.h"

/* What was asked for; NULL where it was not. */
struct format_request {
    const char *path; /* "-": standard input */
    const char *user;
    const char *domain;
    const char *issuer;
    const char *map;
    const char *key_file;
    const char *passphrase_file;
    bool list;
    int64_t now_s;
};

/* Bits of options that a format takes. */
enum format_takes {
    FORMAT_USER = 1 << 0,
    FORMAT_DOMAIN = 1 << 1,
    FORMAT_ISSUER = 1 << 2,
    FORMAT_MAP = 1 << 3,
    FORMAT_KEY = 1 << 4,
    FORMAT_LIST = 1 << 5,
};

struct format {
    const char *name;
    const char *label; /* of a factor whose file gives none */
    unsigned takes;
    /* Reads all entries, good or not, into `take`. TOOL_DONE: to the end, or as far as `take` wanted. What concerns the whole file is
     * told: TOOL_REFUSED, TOOL_USAGE. */
    enum tool_exit (*read)(const struct format_request *request, incoming_take *take, void *context);
};

/* NULL: there is none of that name. */
const struct format *format_find(const char *name);

enum tool_exit format_google(const struct format_request *request, incoming_take *take, void *context);
enum tool_exit format_users_oath(const struct format_request *request, incoming_take *take, void *context);
enum tool_exit format_otpauth(const struct format_request *request, incoming_take *take, void *context);
enum tool_exit format_migration(const struct format_request *request, incoming_take *take, void *context);
enum tool_exit format_pskc(const struct format_request *request, incoming_take *take, void *context);

#endif

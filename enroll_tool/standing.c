#include "standing.h"

#include <string.h>

#include "tool.h"

#define STEPS_MAX 86400 /* a day of seconds, where an hour is the most that is stored */

struct row {
    const char *name;
    const char *text; /* marked for translation */
    enum colour colour;
};

static const struct row rows[] = {
    [STANDING_PENDING] = {"pending", N_("pending"), COLOUR_WARNING},
    [STANDING_LAPSED] = {"lapsed", N_("lapsed"), COLOUR_WARNING},
    [STANDING_ACTIVE] = {"active", N_("active"), COLOUR_GOOD},
    [STANDING_NOT_YET] = {"not-yet", N_("not yet"), COLOUR_WARNING},
    [STANDING_EXPIRED] = {"expired", N_("expired"), COLOUR_WARNING},
    [STANDING_USED_UP] = {"used-up", N_("used up"), COLOUR_WARNING},
    [STANDING_SUSPENDED] = {"suspended", N_("suspended"), COLOUR_WARNING},
    [STANDING_REVOKED] = {"revoked", N_("revoked"), COLOUR_NONE},
    [STANDING_TAMPERED] = {NULL, N_("TAMPERED"), COLOUR_BAD},
};
#define ROWS (sizeof rows / sizeof rows[0])

bool standing_has_device(const struct wire_factor *factor)
{
    return factor->kind == FACTOR_TOTP || factor->kind == FACTOR_HOTP;
}

static bool is_used_up(const struct wire_factor *factor)
{
    bool is_counted = factor->kind == FACTOR_RECOVERY || (factor->kind == FACTOR_TEMPORARY && factor->uses != 0);
    return is_counted && factor->left == 0;
}

static enum standing of_active(const struct wire_factor *factor, int64_t now_s)
{
    if (factor->not_after_s != 0 && factor->not_after_s <= now_s)
        return STANDING_EXPIRED;
    if (factor->not_before_s > now_s)
        return STANDING_NOT_YET;
    return is_used_up(factor) ? STANDING_USED_UP : STANDING_ACTIVE;
}

enum standing standing_of(const struct wire_factor *factor, int64_t now_s)
{
    if (factor->tampered != 0)
        return STANDING_TAMPERED;
    switch (factor->state) {
    case FACTOR_PENDING:
        return factor->pending_until_s <= now_s ? STANDING_LAPSED : STANDING_PENDING;
    case FACTOR_ACTIVE:
        return of_active(factor, now_s);
    case FACTOR_SUSPENDED:
        return STANDING_SUSPENDED;
    case FACTOR_REVOKED:
    default:
        return STANDING_REVOKED;
    }
}

const char *standing_text(enum standing standing)
{
    return _(rows[standing].text);
}

enum colour standing_colour(enum standing standing)
{
    return rows[standing].colour;
}

enum status standing_parse(const char *name, enum standing *out_standing)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].name != NULL && strcmp(rows[i].name, name) == 0) {
            *out_standing = (enum standing)i;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID;
}

int64_t standing_clock_s(const struct wire_factor *factor)
{
    bool is_sane = factor->offset_steps > -STEPS_MAX && factor->offset_steps < STEPS_MAX;
    return factor->kind == FACTOR_TOTP && is_sane ? factor->offset_steps * (int64_t)factor->period_s : 0;
}

#include "incoming.h"

#include <garde/number.h>
#include <garde/otp.h>

#include "../text.h"
#include "../tool.h"

/* As the verifier has them. */
#define OFFSET_MAX_S 3600
#define BEGINS_MAX_S ((int64_t)90 * 86400)

void incoming_wipe(struct incoming *entry)
{
    secret_free(entry->secret);
    *entry = (struct incoming){.path = NULL};
}

struct fault_row {
    const char *name;
    const char *text;
};

static const struct fault_row faults[INCOMING_FAULTS] = {
    [INCOMING_GOOD] = {"good", ""},
    [INCOMING_NOT_OF_FORMAT] = {"not_of_format", N_("this is not what the format wants")},
    [INCOMING_LINE_TOO_LONG] = {"line_too_long", N_("the line is too long")},
    [INCOMING_ZERO_BYTE] = {"zero_byte", N_("there is a zero byte in the line: the file is binary, or UTF-16")},
    [INCOMING_NO_FILE] = {"no_file", N_("there is no such file")},
    [INCOMING_UNREADABLE] = {"unreadable", N_("the file cannot be read, or is no file")},
    [INCOMING_NOT_THEIRS] = {"not_theirs", N_("the file does not belong to this user")},
    [INCOMING_NO_SECRET] = {"no_secret", N_("there is no secret")},
    [INCOMING_BAD_SECRET] = {"bad_secret", N_("the secret is not written as the format wants it")},
    [INCOMING_SECRET_SHORT] = {"secret_too_short", N_("the secret has under 80 bits; that is never taken")},
    [INCOMING_SECRET_LONG] = {"secret_too_long", N_("the secret has more than 128 bytes")},
    [INCOMING_WEAK] = {"weak_secret", N_("the secret is weak: under 128 bits. Enrol this user anew, or say "
                                         "--accept-weak")},
    [INCOMING_KIND] = {"type", N_("this is neither TOTP nor HOTP")},
    [INCOMING_ALGORITHM] = {"algorithm", N_("the hash is none of SHA-1, SHA-256 and SHA-512")},
    [INCOMING_DIGITS] = {"digits", N_("the codes have neither 6 nor 7 nor 8 decimal digits")},
    [INCOMING_PERIOD] = {"period", N_("the time step is not between 1 and 120 seconds")},
    [INCOMING_COUNTER] = {"counter", N_("the counter is missing or too large")},
    [INCOMING_OFFSET] = {"offset", N_("the clock of the device is off by more than an hour")},
    [INCOMING_AHEAD] =
        {"spent_ahead",
         N_("codes that lie ahead are marked as spent: try again in some minutes, or look at the clocks")},
    [INCOMING_DATES] = {"dates", N_("a date is none, or the end lies before the beginning")},
    [INCOMING_EXPIRED] = {"expired", N_("it has expired")},
    [INCOMING_TOO_EARLY] = {"too_early", N_("it begins more than 90 days from now: take it over later")},
    [INCOMING_PIN] = {"pin", N_("a PIN belongs to it, which garde has not: enrol this user anew")},
    [INCOMING_NO_USER_NAME] = {"no_user_name", N_("the file does not say whose it is")},
    [INCOMING_BAD_TEXT] = {"bad_text", N_("a name or label is too long, is not UTF-8, or holds control characters")},
    [INCOMING_UNKNOWN_USER] = {"unknown_user", N_("there is no such user on this system")},
    [INCOMING_UNFIT_USER] = {"unfit_user", N_("a user of this name or uid cannot have a second factor")},
    [INCOMING_NAME_SERVICE] = {"name_service", N_("the name service cannot say who this is")},
    [INCOMING_TWICE] = {"twice", N_("this was in the file before")},
    [INCOMING_LOCKED] = {"locked", N_("it is encrypted, and not with this key")},
    [INCOMING_FORGED] = {"forged", N_("its MAC is wrong or missing: another key, or the file was changed")},
    [INCOMING_CIPHER] = {"cipher", N_("it is encrypted in a way that garde does not know")},
    [INCOMING_PART_MISSING] = {"part_missing", N_("the export has more parts than are in this file")},
    [INCOMING_IN_USE] = {"in_use", N_("somebody else's factor has this very secret")},
    [INCOMING_CHANGED] = {"secret_changed", N_("this secret was revoked once, with another type or period")},
    [INCOMING_TOO_MANY] = {"too_many", N_("the user has as many factors as one can have")},
    [INCOMING_OTHER_UID] = {"other_uid", N_("the user was enrolled with another uid, or this uid under another name")},
    [INCOMING_TAMPERED] = {"tampered", N_("the record in the store was tampered with")},
    [INCOMING_NOT_TAKEN] = {"not_taken", N_("the verifier does not take one of these values")},
};

static const struct fault_row *row_of(enum incoming_fault fault)
{
    return &faults[(unsigned)fault < INCOMING_FAULTS ? fault : INCOMING_NOT_OF_FORMAT];
}

const char *incoming_fault_name(enum incoming_fault fault)
{
    return row_of(fault)->name;
}

const char *incoming_fault_text(enum incoming_fault fault)
{
    const char *text = row_of(fault)->text;
    return text[0] == '\0' ? text : _(text);
}

static bool texts_are_clean(const struct incoming *entry)
{
    return text_is_clean(entry->user) && text_is_clean(entry->label) && text_is_clean(entry->issuer) &&
           text_is_clean(entry->serial);
}

static enum incoming_fault judge_secret(const struct secret *secret)
{
    if (secret == NULL || secret_len(secret) == 0)
        return INCOMING_NO_SECRET;
    if (secret_len(secret) < FACTOR_SECRET_WEAK_MIN)
        return INCOMING_SECRET_SHORT;
    return secret_len(secret) > FACTOR_SECRET_MAX ? INCOMING_SECRET_LONG : INCOMING_GOOD;
}

static enum incoming_fault judge_clock(const struct incoming *entry, int64_t now_s)
{
    if (entry->period_s < 1 || entry->period_s > FACTOR_PERIOD_MAX_S)
        return INCOMING_PERIOD;
    int64_t off_s = (int64_t)entry->offset_steps * entry->period_s;
    if (off_s > OFFSET_MAX_S || off_s < -OFFSET_MAX_S)
        return INCOMING_OFFSET;
    /* What a code that is right now would leave. Beyond that the device would be shut out, and nobody would know why. */
    int64_t most = (int64_t)otp_step(now_s, entry->period_s) + entry->offset_steps + 2;
    return entry->counter > (uint64_t)(most > 0 ? most : 0) ? INCOMING_AHEAD : INCOMING_GOOD;
}

static enum incoming_fault judge(const struct incoming *entry, int64_t now_s)
{
    if (!texts_are_clean(entry))
        return INCOMING_BAD_TEXT;
    if (entry->kind != FACTOR_TOTP && entry->kind != FACTOR_HOTP)
        return INCOMING_KIND;
    if (entry->algorithm < ALGORITHM_SHA1 || entry->algorithm > ALGORITHM_SHA512)
        return INCOMING_ALGORITHM;
    if (entry->digits < OTP_DIGITS_MIN || entry->digits > OTP_DIGITS_MAX)
        return INCOMING_DIGITS;
    if (entry->not_after_s != 0 && entry->not_after_s <= entry->not_before_s)
        return INCOMING_DATES;
    if (entry->not_after_s != 0 && entry->not_after_s <= now_s)
        return INCOMING_EXPIRED;
    if (entry->not_before_s > now_s + BEGINS_MAX_S)
        return INCOMING_TOO_EARLY;
    enum incoming_fault fault = INCOMING_GOOD;
    if (entry->kind == FACTOR_TOTP)
        fault = judge_clock(entry, now_s);
    else if (entry->counter > INT64_MAX / 2)
        fault = INCOMING_COUNTER;
    return fault == INCOMING_GOOD ? judge_secret(entry->secret) : fault;
}

void incoming_check(struct incoming *entry, int64_t now_s)
{
    if (entry->fault == INCOMING_GOOD)
        entry->fault = judge(entry, now_s);
}

enum status incoming_signed(const char *text, int64_t max, int64_t *out_number)
{
    uint64_t number = 0;
    bool below = text[0] == '-';
    if (number_parse(text + (below ? 1 : 0), 0, (uint64_t)max, &number) != STATUS_OK)
        return STATUS_INVALID;
    *out_number = below ? -(int64_t)number : (int64_t)number;
    return STATUS_OK;
}

/* Recovery codes and help-desk codes: made at an admin's request, compared at logins.
 *
 * MUST 1  Of a code nothing is stored but its keyed hash (vault.h).
 * MUST 2  A new set, or a new help-desk code, ends the old one in the same change.
 * MUST 3  They are given only to who has an account, and make nobody "confirmed": the row's confirmed_s stays 0, so that nothing of it is left when
 *         it is revoked.
 */
#include "inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOW_AT       2 /* recovery codes left */
#define RECOVERY_USE "recovery left="

/* ---- what is typed ---- */

static enum status tidy(struct secret **code)
{
    struct secret *tidied = NULL;
    enum otp_shape shape = OTP_SHAPE_OTHER;

    if (*code == NULL)
        return STATUS_OK;
    enum status status = otp_tidy(*code, &tidied, &shape);
    if (status != STATUS_OK)
        return status;
    secret_free(*code);
    *code = tidied;
    return STATUS_OK;
}

enum status desk_tidy(struct job *job)
{
    switch ((int)job->request.type) {
    case WIRE_ANSWER:
        return tidy(&job->request.answer.code);
    case WIRE_CONFIRM:
        return tidy(&job->request.confirm.code);
    case WIRE_TRY:
        return tidy(&job->request.try.code);
    case WIRE_RESYNC: {
        enum status status = tidy(&job->request.resync.first);
        return status == STATUS_OK ? tidy(&job->request.resync.second) : status;
    }
    default:
        return STATUS_OK;
    }
}

/* ---- at a login ---- */

enum status desk_compare_codes(struct change *change, const struct factor *factor, const struct secret *code,
                               enum verdict *out_verdict, uint64_t *out_mark, enum reason *out_reason)
{
    uint64_t matches = 0;
    enum status status = vault_match_code(change->keys, factor, code, &matches);
    if (status == STATUS_OK)
        *out_verdict = policy_judge_codes(factor, matches, out_mark, out_reason);
    return status;
}

void desk_codes_note(const struct factor *factor, char out_note[NOTE_SIZE])
{
    if (factor->kind == FACTOR_RECOVERY)
        (void)snprintf(out_note, NOTE_SIZE, RECOVERY_USE "%" PRIu32, policy_codes_left(factor));
    else if (factor->kind == FACTOR_TEMPORARY)
        (void)snprintf(out_note, NOTE_SIZE, "help desk use=%" PRIu64, factor->mark);
}

/* The note is the verifier's own wherever a code was accepted. */
void desk_codes_tell(const struct desk *desk, const struct entry *entry)
{
    struct notice notice = {.kind = NOTICE_RECOVERY_LOW};
    uint64_t left = 0;

    if (desk->notice == NULL || entry->verdict != VERDICT_ACCEPTED ||
        (entry->event != EVENT_LOGIN && entry->event != EVENT_VERIFIED) ||
        strncmp(entry->note, RECOVERY_USE, strlen(RECOVERY_USE)) != 0 ||
        number_parse(entry->note + strlen(RECOVERY_USE), 0, LOW_AT, &left) != STATUS_OK)
        return;
    notice.number = (int64_t)left;
    memcpy(notice.user, entry->user, sizeof notice.user);
    desk->notice(&notice, desk->context);
}

/* ---- made ---- */

struct making {
    struct change *change;
    const struct job *job;
    const char *user;
    const struct secret *codes;
    enum event event;
    const char *why; /* "": nothing to note */
    struct factor fresh;
    struct person person;
};

/* A factor of that kind ends with the new one, and makes room for it. */
static bool is_replaced(const struct making *making, const struct factor *factor)
{
    return factor->kind == making->fresh.kind;
}

static enum status judge(struct making *making, enum wire_result_code *out_code)
{
    struct person *person = &making->person;
    size_t staying = 0;

    enum status status = desk_person_load(making->change, making->user, person);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < person->factor_count; i++)
        staying += is_replaced(making, &person->factors[i]) ? 0 : 1;
    *out_code = WIRE_OK;
    if (person->standing == STANDING_UNENROLLED)
        *out_code = WIRE_NO_USER;
    else if (person->standing != STANDING_KNOWN)
        *out_code = WIRE_TAMPERED;
    else if (staying >= FACTORS_PER_USER)
        *out_code = WIRE_TOO_MANY;
    return STATUS_OK;
}

static enum status end_old(struct making *making)
{
    struct account *account = &making->person.account;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < making->person.factor_count; i++) {
        const struct factor *old = &making->person.factors[i];
        if (!is_replaced(making, old))
            continue;
        struct entry entry =
            desk_entry(&making->job->caller, EVENT_REVOKED, VERDICT_ACCEPTED, REASON_REPLACED, account, old->id);
        status = desk_factor_remove(making->change, old);
        if (status == STATUS_OK)
            status = desk_record(making->change, &entry);
        account->live_factors--;
    }
    return status;
}

static enum status save(struct making *making)
{
    struct change *change = making->change;
    struct account *account = &making->person.account;
    struct factor *fresh = &making->fresh;

    fresh->uid = account->uid;
    fresh->algorithm = ALGORITHM_SHA256;
    fresh->state = FACTOR_ACTIVE;
    fresh->created_s = change->now_s;
    memcpy(fresh->user, account->user, sizeof fresh->user);
    account->live_factors++;
    enum status status = desk_account_save(change, account);
    if (status == STATUS_OK)
        status = store_new_factor_id(change->desk->store, &fresh->id);
    if (status == STATUS_OK)
        status = vault_hash_codes(change->keys, making->codes, fresh);
    return status == STATUS_OK ? desk_factor_save(change, fresh) : status;
}

static enum status make(struct making *making, struct outcome *out)
{
    enum status status = end_old(making);
    if (status == STATUS_OK)
        status = save(making);
    if (status != STATUS_OK)
        return status;

    struct entry entry = desk_entry(&making->job->caller, making->event, VERDICT_ACCEPTED, REASON_ADMIN,
                                    &making->person.account, making->fresh.id);
    (void)snprintf(entry.note, sizeof entry.note, "%s", making->why);
    status = desk_record(making->change, &entry);
    if (status != STATUS_OK)
        return status;
    (void)desk_answer(out, WIRE_OK, REASON_NONE, making->fresh.id);
    out->result.until_s = making->fresh.not_after_s;
    return STATUS_OK;
}

static enum status judge_and_make(struct making *making, struct outcome *out)
{
    enum wire_result_code code = WIRE_OK;
    enum status status = judge(making, &code);
    if (status != STATUS_OK)
        return status;
    if (code == WIRE_TAMPERED)
        return desk_answer_tampered(making->change, making->job, &making->person, out);
    if (code != WIRE_OK)
        return desk_answer(out, code, code == WIRE_NO_USER ? REASON_UNENROLLED : REASON_NONE, 0);
    return make(making, out);
}

/* One of a set, as tidying leaves it, and the like of none before it. */
static enum status judge_code(const uint8_t *codes, size_t number, bool *out_good)
{
    const uint8_t *code = codes + number * RECOVERY_CODE_LEN;
    secret_owner struct secret *given = secret_copy(code, RECOVERY_CODE_LEN);
    secret_owner struct secret *tidied = NULL;
    enum otp_shape shape = OTP_SHAPE_OTHER;

    enum status status = given == NULL ? STATUS_NO_MEMORY : otp_tidy(given, &tidied, &shape);
    if (status != STATUS_OK)
        return status;
    *out_good = shape == OTP_SHAPE_RECOVERY && crypto_equal(secret_read(tidied), code, RECOVERY_CODE_LEN);
    for (size_t i = 0; i < number && *out_good; i++)
        *out_good = !crypto_equal(codes + i * RECOVERY_CODE_LEN, code, RECOVERY_CODE_LEN);
    return STATUS_OK;
}

enum status desk_recovery(struct change *change, const struct job *job, struct outcome *out)
{
    const struct wire_recovery *ask = &job->request.recovery;
    struct making making = {.change = change,
                            .job = job,
                            .user = ask->user,
                            .codes = ask->codes,
                            .event = EVENT_RECOVERY_MADE,
                            .why = "",
                            .fresh = {.kind = FACTOR_RECOVERY, .digits = RECOVERY_CODE_LEN}};
    bool good = ask->codes != NULL && secret_len(ask->codes) == (size_t)RECOVERY_CODES * RECOVERY_CODE_LEN;

    for (size_t i = 0; good && i < RECOVERY_CODES; i++) {
        enum status status = judge_code(secret_read(ask->codes), i, &good);
        if (status != STATUS_OK)
            return status;
    }
    return good ? judge_and_make(&making, out) : desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
}

/* As much of the reason as fits, cut where a character begins. */
static void label_of(const char *why, char out_label[LABEL_SIZE])
{
    size_t len = strlen(why);
    if (len >= LABEL_SIZE)
        for (len = LABEL_SIZE - 1; len > 0 && ((unsigned char)why[len] & 0xc0) == 0x80; len--)
            ;
    memcpy(out_label, why, len);
    out_label[len] = '\0';
}

static bool is_good_help(const struct wire_tempcode *ask)
{
    if (ask->code == NULL || secret_len(ask->code) != TEMPORARY_CODE_LEN)
        return false;
    for (size_t i = 0; i < TEMPORARY_CODE_LEN; i++)
        if (secret_read(ask->code)[i] < '0' || secret_read(ask->code)[i] > '9')
            return false;
    return ask->for_s >= TEMPORARY_FOR_MIN_S && ask->for_s <= TEMPORARY_FOR_MAX_S && ask->uses <= TEMPORARY_USES_MAX &&
           ask->why[0] != '\0' && desk_is_plain_text(ask->why);
}

enum status desk_tempcode(struct change *change, const struct job *job, struct outcome *out)
{
    const struct wire_tempcode *ask = &job->request.tempcode;
    struct making making = {.change = change,
                            .job = job,
                            .user = ask->user,
                            .codes = ask->code,
                            .event = EVENT_TEMPCODE_MADE,
                            .why = ask->why,
                            .fresh = {.kind = FACTOR_TEMPORARY, .digits = TEMPORARY_CODE_LEN, .uses = ask->uses}};

    if (!is_good_help(ask))
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    making.fresh.not_after_s = change->now_s + ask->for_s;
    label_of(ask->why, making.fresh.label);
    return judge_and_make(&making, out);
}

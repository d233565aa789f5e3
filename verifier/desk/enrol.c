/* A new pending factor.
 *
 * MUST 1  A secret has one life: it is not live twice, and it starts above every mark that it ever reached (invariant 1).
 * MUST 2  Everything that can refuse the request is asked before the first row is written.
 */
#include "inside.h"

#include <string.h>

#define TOMBSTONES_MAX 64 /* each carries on the mark of those before it, so the newest are enough */

/* Counters are kept in 63 bits, and there must be room to move. */
#define COUNTER_MAX (INT64_MAX / 2)

#define PENDING_MIN_S 60
#define PENDING_MAX_S (90 * 86400) /* also how far ahead a factor that was handed out may begin */

struct enrolment {
    struct change *change;
    const struct job *job;
    const struct wire_enrol *ask;
    struct person person;
    struct person other; /* whose lapsed pending factor has this secret */
    const struct factor *others;
    int64_t in_use_id; /* this user's factor that has this secret */
    uint64_t mark;
    uint8_t fingerprint[FINGERPRINT_SIZE];
    struct factor same[TOMBSTONES_MAX]; /* factors with this secret */
    size_t same_count;
};

bool desk_is_plain_text(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool is_well_formed(const struct wire_enrol *ask)
{
    if (ask->user[0] == '\0' || !desk_is_plain_text(ask->user) || !desk_is_plain_text(ask->label))
        return false;
    if (ask->uid == NO_UID || ask->uid == OVERFLOW_UID)
        return false;
    if (ask->algorithm < ALGORITHM_SHA1 || ask->algorithm > ALGORITHM_SHA512)
        return false;
    if (ask->digits < OTP_DIGITS_MIN || ask->digits > OTP_DIGITS_MAX)
        return false;
    const size_t least = ask->accept_weak != 0 ? FACTOR_SECRET_WEAK_MIN : FACTOR_SECRET_MIN;
    if (ask->secret == NULL || secret_len(ask->secret) < least || secret_len(ask->secret) > FACTOR_SECRET_MAX)
        return false;
    if (ask->counter > COUNTER_MAX)
        return false;
    if (ask->kind == FACTOR_TOTP)
        return ask->period_s >= 1 && ask->period_s <= FACTOR_PERIOD_MAX_S;
    return ask->kind == FACTOR_HOTP && ask->period_s == 0 && ask->offset_steps == 0;
}

/* Of a well-formed request. */
static struct factor factor_of(const struct change *change, const struct wire_enrol *ask)
{
    struct factor factor = {.uid = ask->uid,
                            .kind = ask->kind,
                            .algorithm = ask->algorithm,
                            .digits = ask->digits,
                            .period_s = ask->period_s,
                            .state = FACTOR_PENDING,
                            .created_s = change->now_s,
                            .not_before_s = ask->not_before_s,
                            .not_after_s = ask->not_after_s,
                            .mark = ask->counter,
                            .offset_steps = (int32_t)ask->offset_steps,
                            .replaces = ask->replaces,
                            .handed_out = ask->handed_out != 0 ? 1 : 0};
    memcpy(factor.user, ask->user, sizeof factor.user);
    memcpy(factor.label, ask->label, sizeof factor.label);

    /* What was handed out cannot be confirmed at a login before its first day: the time runs from there. */
    int64_t from_s = factor.handed_out != 0 && ask->not_before_s > change->now_s ? ask->not_before_s : change->now_s;
    factor.pending_until_s =
        from_s + (ask->pending_for_s != 0 ? ask->pending_for_s : change->desk->rules.pending_for_s);
    return factor;
}

static bool are_times_in_range(const struct change *change, const struct wire_enrol *ask)
{
    if (ask->pending_for_s != 0 && (ask->pending_for_s < PENDING_MIN_S || ask->pending_for_s > PENDING_MAX_S))
        return false;
    if (ask->not_before_s < 0 || ask->not_after_s < 0)
        return false;
    if (ask->handed_out != 0 && ask->not_before_s > change->now_s + PENDING_MAX_S)
        return false;
    if (ask->handed_out == 0 && ask->replaces != 0 && ask->not_before_s > change->now_s)
        return false; /* it is not confirmed before its first day (admin.c), and lapses */
    return ask->not_after_s == 0 || (ask->not_after_s > change->now_s && ask->not_after_s > ask->not_before_s);
}

/* A mark that lies further ahead than a code that is right now would leave it would shut the user out, and nobody would know why. */
static bool is_device_in_range(const struct change *change, const struct wire_enrol *ask)
{
    int64_t most = policy_offset_max_steps(ask->period_s), usable_from_s = 0;
    if (ask->kind != FACTOR_TOTP)
        return true;
    if (ask->offset_steps < -most || ask->offset_steps > most)
        return false;
    const struct factor factor = factor_of(change, ask);
    return !policy_mark_is_ahead(&change->desk->rules.limits, &factor, change->now_s, &usable_from_s);
}

/* Does this factor of the user go in the change? */
static bool goes(const struct enrolment *enrolment, const struct factor *factor)
{
    return desk_factor_has_lapsed(enrolment->change, factor) ||
           (enrolment->ask->anew != 0 && factor->state == FACTOR_PENDING && factor->handed_out != 0);
}

/* An account of which nothing but pending factors that go is left was never used: it may take another uid. So may one whose rows were
 * cleared, when nobody could say any more which it had. */
static bool is_free(const struct enrolment *enrolment)
{
    const struct person *person = &enrolment->person;
    if (person->account.uid == NO_UID)
        return true;
    for (size_t i = 0; i < person->factor_count; i++)
        if (!goes(enrolment, &person->factors[i]))
            return false;
    return person->account.confirmed_s == 0;
}

/* name <-> uid is one to one. */
static enum status judge_uid(struct enrolment *enrolment, enum wire_result_code *out_code)
{
    const struct wire_enrol *ask = enrolment->ask;
    const struct person *person = &enrolment->person;
    struct account account;

    if (person->has_account && person->account.uid != ask->uid && !is_free(enrolment)) {
        *out_code = WIRE_OTHER_UID;
        return STATUS_OK;
    }
    enum status status = store_get_account_of_uid(enrolment->change->desk->store, ask->uid, &account);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_TAMPERED || status == STATUS_INVALID)
        *out_code = WIRE_TAMPERED;
    else if (status == STATUS_OK && strcmp(account.user, ask->user) != 0)
        *out_code = WIRE_OTHER_UID;
    else
        return status;
    return STATUS_OK;
}

static void judge_room(const struct enrolment *enrolment, enum wire_result_code *out_code)
{
    size_t staying = 0;
    for (size_t i = 0; i < enrolment->person.factor_count; i++)
        staying += goes(enrolment, &enrolment->person.factors[i]) ? 0 : 1;
    if (staying >= FACTORS_PER_USER)
        *out_code = WIRE_TOO_MANY;
}

static void judge_replaced(const struct enrolment *enrolment, enum wire_result_code *out_code)
{
    const int64_t id = enrolment->ask->replaces;
    bool found = id == 0;

    for (size_t i = 0; i < enrolment->person.factor_count; i++) {
        const struct factor *factor = &enrolment->person.factors[i];
        if (factor->id == id && policy_has_device(factor) && !goes(enrolment, factor))
            found = true;
    }
    if (!found)
        *out_code = WIRE_NO_FACTOR;
}

/* A live factor with this secret refuses it, unless it is pending and has lapsed, or is this user's and goes. */
static enum status judge_living(struct enrolment *enrolment, const struct factor *factor,
                                enum wire_result_code *out_code)
{
    bool own = strcmp(factor->user, enrolment->ask->user) == 0;
    if (own ? !goes(enrolment, factor) : !desk_factor_has_lapsed(enrolment->change, factor)) {
        enrolment->in_use_id = own ? factor->id : 0;
        *out_code = WIRE_SECRET_IN_USE;
        return STATUS_OK;
    }
    if (own)
        return STATUS_OK; /* removed with this user's lapsed ones */
    enum status status = desk_person_load(enrolment->change, factor->user, &enrolment->other);
    if (status == STATUS_OK && enrolment->other.standing != STANDING_KNOWN)
        *out_code = WIRE_TAMPERED;
    else
        enrolment->others = factor;
    return status;
}

static void judge_tombstone(struct enrolment *enrolment, const struct factor *factor, enum wire_result_code *out_code)
{
    const struct wire_enrol *ask = enrolment->ask;
    if (factor->kind != ask->kind || factor->algorithm != ask->algorithm || factor->period_s != ask->period_s)
        *out_code = WIRE_SECRET_CHANGED;
    else if (factor->mark > enrolment->mark)
        enrolment->mark = factor->mark;
}

static enum status judge_secret(struct enrolment *enrolment, enum wire_result_code *out_code)
{
    struct change *change = enrolment->change;
    enum status status = vault_fingerprint(change->keys, enrolment->ask->secret, enrolment->fingerprint);
    if (status == STATUS_OK)
        status = store_get_factors_of_fingerprint(change->desk->store, enrolment->fingerprint, enrolment->same,
                                                  TOMBSTONES_MAX, &enrolment->same_count);

    for (size_t i = 0; status == STATUS_OK && i < enrolment->same_count && *out_code == WIRE_OK; i++) {
        const struct factor *factor = &enrolment->same[i];
        status = vault_check_factor(change->keys, factor);
        if (status != STATUS_OK)
            break;
        if (factor->state == FACTOR_REVOKED)
            judge_tombstone(enrolment, factor, out_code);
        else
            status = judge_living(enrolment, factor, out_code);
    }
    if (status != STATUS_TAMPERED && status != STATUS_INVALID)
        return status;
    *out_code = WIRE_TAMPERED;
    return STATUS_OK;
}

static enum status judge(struct enrolment *enrolment, enum wire_result_code *out_code)
{
    *out_code = WIRE_OK;
    enum status status = desk_person_load(enrolment->change, enrolment->ask->user, &enrolment->person);
    if (status != STATUS_OK)
        return status;
    if (enrolment->person.standing == STANDING_TAMPERED) {
        *out_code = WIRE_TAMPERED;
        return STATUS_OK;
    }
    status = judge_uid(enrolment, out_code);
    if (status == STATUS_OK && *out_code == WIRE_OK)
        judge_room(enrolment, out_code);
    if (status == STATUS_OK && *out_code == WIRE_OK)
        judge_replaced(enrolment, out_code);
    if (status == STATUS_OK && *out_code == WIRE_OK)
        status = judge_secret(enrolment, out_code);
    return status;
}

/* A pending one that gets out of the way. */
static enum status take_away(struct enrolment *enrolment, const struct factor *factor)
{
    struct change *change = enrolment->change;
    struct account *account = &enrolment->person.account;
    enum reason reason = desk_factor_has_lapsed(change, factor) ? REASON_EXPIRED : REASON_REPLACED;
    return desk_factor_lapse(change, &enrolment->job->caller, account, factor, reason);
}

/* Pending factors that go: this user's, and another's lapsed one that holds on to this secret. */
static enum status clear(struct enrolment *enrolment)
{
    struct change *change = enrolment->change;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < enrolment->person.factor_count; i++)
        if (goes(enrolment, &enrolment->person.factors[i]))
            status = take_away(enrolment, &enrolment->person.factors[i]);
    if (status != STATUS_OK || enrolment->others == NULL)
        return status;
    status = desk_factor_lapse(change, &enrolment->job->caller, &enrolment->other.account, enrolment->others,
                               REASON_EXPIRED);
    return status == STATUS_OK ? desk_account_save(change, &enrolment->other.account) : status;
}

static enum status save_account(struct enrolment *enrolment)
{
    struct account *account = &enrolment->person.account;
    if (!enrolment->person.has_account) {
        *account = (struct account){.other_refilled_s = enrolment->change->now_s};
        memcpy(account->user, enrolment->ask->user, sizeof account->user);
    }
    account->uid = enrolment->ask->uid;
    account->live_factors++;
    return desk_account_save(enrolment->change, account);
}

static enum status save_factor(struct enrolment *enrolment, struct factor *factor)
{
    struct change *change = enrolment->change;
    const struct wire_enrol *ask = enrolment->ask;

    *factor = factor_of(change, ask);
    if (enrolment->mark > factor->mark)
        factor->mark = enrolment->mark;

    enum status status = store_new_factor_id(change->desk->store, &factor->id);
    if (status == STATUS_OK)
        status = vault_seal(change->keys, ask->secret, factor);
    return status == STATUS_OK ? desk_factor_save(change, factor) : status;
}

static enum status enrol(struct enrolment *enrolment, struct outcome *out)
{
    struct factor factor;
    enum status status = clear(enrolment);
    if (status == STATUS_OK)
        status = save_account(enrolment);
    if (status == STATUS_OK)
        status = save_factor(enrolment, &factor);
    if (status != STATUS_OK)
        return status;

    struct entry entry = desk_entry(&enrolment->job->caller, EVENT_ENROLLED, VERDICT_ACCEPTED, REASON_ADMIN,
                                    &enrolment->person.account, factor.id);
    status = desk_record(enrolment->change, &entry);
    if (status != STATUS_OK)
        return status;
    (void)desk_answer(out, WIRE_OK, REASON_NONE, factor.id);
    out->result.until_s = factor.pending_until_s;
    return STATUS_OK;
}

enum status desk_enrol(struct change *change, const struct job *job, struct outcome *out)
{
    struct enrolment enrolment = {.change = change, .job = job, .ask = &job->request.enrol};
    enum wire_result_code code = WIRE_OK;

    if (!is_well_formed(enrolment.ask) || !are_times_in_range(change, enrolment.ask) ||
        !is_device_in_range(change, enrolment.ask))
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    enum status status = judge(&enrolment, &code);
    if (status != STATUS_OK)
        return status;
    if (code == WIRE_TAMPERED)
        return desk_answer_tampered(change, job, &enrolment.person, out);
    if (code != WIRE_OK)
        return desk_answer(out, code, REASON_NONE, code == WIRE_SECRET_IN_USE ? enrolment.in_use_id : 0);
    return enrol(&enrolment, out);
}

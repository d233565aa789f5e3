/* A store that was written by somebody without the key: whatever stands in it, each way of reading it ends with a status of store.h, the
 * rows keep the bounds of their structs, none holds under the key ring but those that garded wrote itself, and no sum over
 * others is that of the head. In a sound file all ways of reading find the same rows, and what is put is there.
 *
 * Input: the moment (1 byte), then a forgery (forge.h).
 * Target: core/store/sqlite.c core/store/sqlite_rows.c core/store/rows.c core/store/walk.c core/store/touches.c core/vault/tag.c
 * Target: core/vault/sum.c core/vault/seal.c core/vault/message.c core/audit/chain.c core/policy/judgement.c
 */
#include "fuzz.h"

#include <garde/otp.h>
#include <garde/policy.h>

#include "forge.h"
#include "known.h"

#define PAGE     3
#define MANY     64
#define USERS    4
#define OF(rows) rows, sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0])

static const struct known *known;
static struct store *store;
static struct vault_keys *keys; /* for the store's id, which may be forged */
static int64_t now_s;
static const struct policy_limits limits = {.window_steps = 1, .lock_for_s = 900};
static const char *const users[USERS] = {"alice", "bob", "carol", ""};

static bool is_text(const char *text, size_t size)
{
    return memchr(text, 0, size) != NULL;
}

static bool is_one_of(const void *row, const void *rows, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp((const uint8_t *)rows + i * size, row, size) == 0)
            return true;
    return false;
}

/* What a reading function may answer; true: with rows. */
static bool has_rows(enum status status)
{
    CLAIM(status == STATUS_OK || status == STATUS_NOT_FOUND || status == STATUS_TAMPERED || status == STATUS_FAILED ||
          status == STATUS_NO_MEMORY);
    return status == STATUS_OK;
}

/* Holds under the keys: then it is ours, in a store with our id. */
static bool holds(enum status status, const void *row, const void *rows, size_t count, size_t size)
{
    CLAIM(status == STATUS_OK || status == STATUS_TAMPERED);
    if (status == STATUS_OK)
        CLAIM(keys == known->keys && is_one_of(row, rows, count, size));
    return status == STATUS_OK;
}

/* ---- one row ---- */

static bool account_holds(const struct account *account)
{
    CLAIM(is_text(account->user, sizeof account->user));
    return holds(vault_check_account(keys, account), account, OF(known->accounts));
}

static bool origin_holds(const struct origin *origin)
{
    struct account account = known->accounts[0];
    struct origin here = *origin;
    enum reason reason = REASON_NONE;

    CLAIM(is_text(origin->user, sizeof origin->user) && is_text(origin->name, sizeof origin->name));
    if (!policy_admits(&limits, &account, &here, policy_usual_failures(&here, 1, now_s), now_s, &reason))
        CLAIM(reason == REASON_BUDGET || reason == REASON_LOCKED || reason == REASON_DELAYED);
    (void)policy_forgets(origin, now_s);
    policy_count_failure(&account, &here, now_s);
    CLAIM(here.failures >= origin->failures && here.last_failure_s == now_s);
    policy_count_success(&account, &here, now_s);
    CLAIM(here.failures == 0 && account.other_failures <= known->accounts[0].other_failures + 1);
    return holds(vault_check_origin(keys, origin), origin, OF(known->origins));
}

/* The number of the known factor whose secret it is. */
static size_t is_sealed_as(const struct factor *factor)
{
    size_t i = 0;
    while (i < KNOWN_FACTORS && memcmp(known->factors[i].fingerprint, factor->fingerprint, FINGERPRINT_SIZE) != 0 &&
           memcmp(known->factors[i].sealed, factor->sealed, FACTOR_SEALED_MAX) != 0)
        i++;
    while (i < KNOWN_FACTORS && memcmp(known->factors[i].sealed, factor->sealed, FACTOR_SEALED_MAX) != 0)
        i++;
    CLAIM(i < KNOWN_FACTORS);
    return i;
}

static void unseals_as_it_was(const struct factor *factor, bool holds)
{
    secret_owner struct secret *secret = NULL;
    secret_owner struct secret *typed = secret_copy("00000000", factor->digits <= 8 ? factor->digits : 8);
    uint64_t matches = 0, mark = 0;
    enum reason reason = REASON_NONE;
    struct policy_range range = policy_range(&limits, factor, now_s);
    CLAIM(typed != NULL && range.count <= OTP_SPAN_MAX);

    enum status status = vault_unseal(keys, factor, &secret);
    CLAIM(status == STATUS_OK || status == STATUS_TAMPERED);
    if (holds)
        CLAIM((status == STATUS_OK) == (factor->state != FACTOR_REVOKED));
    if (status != STATUS_OK)
        return;
    size_t at = is_sealed_as(factor);
    const struct factor *ours = &known->factors[at];
    CLAIM(keys == known->keys && secret_len(secret) == secret_len(known->secret[at]));
    CLAIM(memcmp(secret_read(secret), secret_read(known->secret[at]), secret_len(secret)) == 0);
    CLAIM(strcmp(factor->user, ours->user) == 0 && factor->uid == ours->uid && factor->id == ours->id);
    CLAIM(factor->kind == ours->kind && factor->algorithm == ours->algorithm && factor->digits == ours->digits &&
          factor->period_s == ours->period_s);

    CLAIM(otp_match(known->crypto, secret, factor->algorithm, factor->digits, range.first, range.count, typed,
                    &matches) == (range.count > 0 ? STATUS_OK : STATUS_INVALID));
    if (policy_judge(factor, range, matches, &mark, &reason) == VERDICT_ACCEPTED)
        CLAIM(mark > factor->mark && mark - 1 - range.first < range.count);
}

static bool factor_holds(const struct factor *factor)
{
    enum reason reason = REASON_NONE;
    int64_t from_s = 0;

    CLAIM(factor->id >= 1 && is_text(factor->user, sizeof factor->user) &&
          is_text(factor->label, sizeof factor->label));
    CLAIM(factor->sealed_len <= FACTOR_SEALED_MAX && factor->mark <= INT64_MAX);
    CLAIM((unsigned)factor->kind <= FACTOR_TEMPORARY && (unsigned)factor->algorithm <= ALGORITHM_SHA512 &&
          (unsigned)factor->state <= FACTOR_REVOKED);
    if (!policy_is_usable(factor, now_s, &reason))
        CLAIM(reason != REASON_NONE);
    if (policy_is_confirmable(factor, now_s))
        CLAIM(factor->state == FACTOR_PENDING);
    if (policy_mark_is_ahead(&limits, factor, now_s, &from_s))
        CLAIM(factor->kind == FACTOR_TOTP && from_s > now_s);
    bool good = holds(vault_check_factor(keys, factor), factor, OF(known->factors));
    unseals_as_it_was(factor, good);
    return good;
}

/* ---- all ways to the rows of an account ---- */

static void read_a_user(const char *user)
{
    struct account account;
    struct origin origins[MANY], origin;
    struct factor factors[FACTORS_PER_USER];
    size_t count = 0;

    if (has_rows(store_get_account(store, user, &account))) {
        (void)account_holds(&account);
        CLAIM(strcmp(account.user, user) == 0);
    }
    enum status status = store_get_factors(store, user, factors, FACTORS_PER_USER, &count);
    for (size_t i = 0; has_rows(status) && i < count; i++) {
        (void)factor_holds(&factors[i]);
        CLAIM(strcmp(factors[i].user, user) == 0 && (i == 0 || factors[i - 1].id < factors[i].id));
        if (factors[i].key_id != 0)
            CLAIM(factors[i].state != FACTOR_REVOKED);
    }
    status = store_get_origins(store, user, origins, MANY, &count);
    for (size_t i = 0; has_rows(status) && i < count; i++) {
        (void)origin_holds(&origins[i]);
        CLAIM(strcmp(origins[i].user, user) == 0);
        if (has_rows(store_get_origin(store, user, origins[i].name, &origin)))
            CLAIM(origin_holds(&origin) == origin_holds(&origins[i]));
    }
    status = store_page_factors(store, user, user, 0, factors, PAGE, &count);
    for (size_t i = 0; has_rows(status) && i < count; i++)
        CLAIM(strcmp(factors[i].user, user) == 0);
}

static void look_rows_up(void)
{
    struct account account;
    struct factor factors[PAGE];
    size_t count = 0;

    for (size_t i = 0; i < USERS; i++)
        read_a_user(users[i]);
    for (size_t i = 0; i < KNOWN_ACCOUNTS; i++)
        if (has_rows(store_get_account_of_uid(store, known->accounts[i].uid, &account)))
            (void)account_holds(&account);
    for (size_t i = 0; i < KNOWN_FACTORS; i++) {
        enum status status =
            store_get_factors_of_fingerprint(store, known->factors[i].fingerprint, factors, PAGE, &count);
        for (size_t at = 0; has_rows(status) && at < count; at++)
            (void)factor_holds(&factors[at]);
    }
}

/* ---- page by page: how many; SIZE_MAX: not to the end ---- */

static size_t count_accounts(void)
{
    struct account rows[PAGE] = {{.user = ""}};
    char after[USER_SIZE] = "";
    size_t all = 0, count = PAGE;

    for (; count == PAGE; all += count) {
        if (!has_rows(store_page_accounts(store, after, rows, PAGE, &count)))
            return SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
            (void)account_holds(&rows[i]);
            CLAIM(strcmp(rows[i].user, after) > 0);
            memcpy(after, rows[i].user, sizeof after);
        }
    }
    return all;
}

static size_t count_factors(void)
{
    struct factor rows[PAGE];
    char after[USER_SIZE] = "";
    int64_t after_id = 0;
    size_t all = 0, count = PAGE;

    for (; count == PAGE; all += count) {
        if (!has_rows(store_page_factors(store, NULL, after, after_id, rows, PAGE, &count)))
            return SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
            int order = strcmp(rows[i].user, after);
            (void)factor_holds(&rows[i]);
            CLAIM(order > 0 || (order == 0 && rows[i].id > after_id));
            memcpy(after, rows[i].user, sizeof after);
            after_id = rows[i].id;
        }
    }
    return all;
}

static size_t count_origins(void)
{
    struct origin rows[PAGE];
    char after[USER_SIZE] = "", after_name[ORIGIN_SIZE] = "";
    size_t all = 0, count = PAGE;

    for (; count == PAGE; all += count) {
        if (!has_rows(store_page_origins(store, after, after_name, rows, PAGE, &count)))
            return SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
            int order = strcmp(rows[i].user, after);
            CLAIM(order > 0 || (order == 0 && strcmp(rows[i].name, after_name) > 0));
            memcpy(after, rows[i].user, sizeof after);
            memcpy(after_name, rows[i].name, sizeof after_name);
        }
    }
    return all;
}

struct walked {
    size_t accounts, factors, origins, bad;
    size_t good[STORE_ORIGIN + 1]; /* by kind */
    struct rows_sum sum;
};

static void add_row(const struct store_row *row, struct walked *walked)
{
    bool good = false;
    const uint8_t *tag = NULL;

    switch (row->kind) {
    case STORE_ACCOUNT:
        walked->accounts++;
        tag = row->account.tag;
        good = account_holds(&row->account);
        CLAIM(good || vault_sum_add_odd_account(keys, &row->account, &walked->sum) == STATUS_OK);
        break;
    case STORE_FACTOR:
        walked->factors++;
        tag = row->factor.tag;
        good = factor_holds(&row->factor);
        CLAIM(good || vault_sum_add_odd_factor(keys, &row->factor, &walked->sum) == STATUS_OK);
        break;
    case STORE_ORIGIN:
        walked->origins++;
        tag = row->origin.tag;
        good = origin_holds(&row->origin);
        CLAIM(good || vault_sum_add_odd_origin(keys, &row->origin, &walked->sum) == STATUS_OK);
    }
    CLAIM(tag != NULL);
    if (good)
        CLAIM(vault_sum_add(keys, tag, &walked->sum) == STATUS_OK);
    walked->bad += !good;
    walked->good[row->kind] += good;
}

/* Each row once: kind by kind, in growing order. */
static bool comes_after(const struct store_row *row, const struct store_row *last)
{
    if (row->kind != last->kind)
        return row->kind > last->kind;
    if (row->kind == STORE_FACTOR)
        return row->factor.id > last->factor.id;
    if (row->kind == STORE_ACCOUNT)
        return strcmp(row->account.user, last->account.user) > 0;
    int order = strcmp(row->origin.user, last->origin.user);
    return order > 0 || (order == 0 && strcmp(row->origin.name, last->origin.name) > 0);
}

/* False: not to the end. */
static bool walk(struct walked *out)
{
    struct store_row rows[PAGE], last = {.kind = 0};
    size_t count = PAGE;

    *out = (struct walked){0};
    store_walk_begin(store);
    while (count == PAGE) {
        if (!has_rows(store_walk(store, rows, PAGE, &count)))
            return false;
        for (size_t i = 0; i < count; i++) {
            CLAIM(comes_after(&rows[i], &last));
            add_row(&rows[i], out);
            last = rows[i];
        }
    }
    return true;
}

/* ---- audit and heads ---- */

static void read_entries(int64_t since_ms)
{
    struct entry rows[PAGE];
    struct crypto_mac *mac = NULL;
    uint8_t before[TAG_SIZE] = {0};
    uint64_t after = 0;
    uint32_t key_id = 0;
    size_t count = PAGE;

    while (count == PAGE && has_rows(store_page_entries(store, after, since_ms, rows, PAGE, &count))) {
        for (size_t i = 0; i < count; i++) {
            const struct entry *entry = &rows[i];
            CLAIM(entry->seq > after && is_text(entry->user, sizeof entry->user));
            CLAIM(is_text(entry->service, sizeof entry->service) && is_text(entry->origin, sizeof entry->origin));
            CLAIM(is_text(entry->actor, sizeof entry->actor));
            CLAIM(entry->verdict == VERDICT_REFUSED || entry->verdict == VERDICT_ACCEPTED);
            CLAIM(audit_event_name(entry->event) != NULL && audit_reason_name(entry->reason) != NULL);
            if (since_ms == 0 && entry->key_id != 0 && vault_audit_mac(keys, entry->key_id, &key_id, &mac) == STATUS_OK)
                (void)holds(audit_check_entry(mac, entry->seq, before, entry), entry, OF(known->entries));
            memcpy(before, entry->tag, TAG_SIZE);
            after = entry->seq;
        }
    }
}

/* True: the head is ours, and so is the sum that it holds. */
static bool read_heads(struct rows_sum *out_sum)
{
    struct entry_head head;
    struct rows_head rows_head;
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;

    if (has_rows(store_get_head(store, &head)) && head.key_id != 0 &&
        vault_audit_mac(keys, head.key_id, &key_id, &mac) == STATUS_OK)
        (void)holds(audit_check_head(mac, &head), &head, &known->head, 1, sizeof head);
    if (!has_rows(store_get_rows_head(store, &rows_head)))
        return false;
    return holds(vault_open_head(keys, &rows_head, out_sum), &rows_head, &known->rows_head, 1, sizeof rows_head);
}

/* ---- a login on top of it ---- */

static bool is_put(enum status status)
{
    CLAIM(status == STATUS_OK || status == STATUS_EXISTS || status == STATUS_INVALID || status == STATUS_TAMPERED ||
          status == STATUS_FAILED || status == STATUS_NO_SPACE || status == STATUS_NO_MEMORY);
    return status == STATUS_OK;
}

static bool is_taken_away(enum status status)
{
    return status != STATUS_NOT_FOUND && is_put(status);
}

static void write_on(bool sound)
{
    struct account account = known->accounts[0], got_account;
    struct factor factor = known->factors[0];
    struct origin origin = known->origins[0], got_origin;
    size_t touched = 0;
    int64_t id = 0;

    account.other_failures++;
    factor.mark++;
    (void)snprintf(origin.name, sizeof origin.name, "ip:198.51.100.9");
    size_t done = is_put(store_put_factor(store, &factor));
    if (is_put(store_put_account(store, &account)) && ++done > 0 && sound)
        CLAIM(store_get_account(store, account.user, &got_account) == STATUS_OK &&
              memcmp(&got_account, &account, sizeof account) == 0);
    if (is_put(store_put_origin(store, &origin)) && ++done > 0 && sound)
        CLAIM(store_get_origin(store, origin.user, origin.name, &got_origin) == STATUS_OK &&
              memcmp(&got_origin, &origin, sizeof origin) == 0);
    done += is_taken_away(store_remove_origin(store, "bob", known->origins[2].name));
    done += is_taken_away(store_remove_factor(store, known->factors[2].id));
    if (is_taken_away(store_remove_account(store, "bob")) && ++done > 0 && sound)
        CLAIM(store_get_account(store, "bob", &got_account) == STATUS_NOT_FOUND);
    (void)store_touches(store, &touched);
    CLAIM(touched == done);
    enum status status = store_new_factor_id(store, &id);
    CLAIM(status == STATUS_NOT_FOUND || (is_put(status) ? id > 0 : id == 0));
}

/* The walk comes to all that we wrote and is still there, and what is not so is never taken for it. */
static void are_the_untouched(const struct walked *walked, const struct forged *forged)
{
    CLAIM(walked->good[STORE_ACCOUNT] == forge_untouched(forged, "account"));
    CLAIM(walked->good[STORE_FACTOR] == forge_untouched(forged, "factor"));
    CLAIM(walked->good[STORE_ORIGIN] == forge_untouched(forged, "origin"));
}

static void read_all(const struct forged *forged)
{
    struct walked walked;
    struct rows_sum sum = {0};
    enum status status = store_examine(store);
    bool sound = has_rows(status);

    look_rows_up();
    read_entries(0);
    read_entries(1790000000000);
    size_t accounts = count_accounts(), factors = count_factors(), origins = count_origins();
    bool whole = walk(&walked), ours = read_heads(&sum);

    if (whole && ours && vault_sum_equal(&walked.sum, &sum))
        CLAIM(walked.bad == 0 && walked.accounts + walked.factors + walked.origins == KNOWN_ROWS);
    if (whole && sound && accounts != SIZE_MAX && factors != SIZE_MAX)
        CLAIM(walked.accounts == accounts && walked.factors == factors);
    if (whole && sound && origins != SIZE_MAX)
        CLAIM(walked.origins == origins);
    if (whole && !forged->is_torn && keys == known->keys)
        are_the_untouched(&walked, forged);
    if (forged->is_good)
        CLAIM(sound && whole && ours && walked.bad == 0 && vault_sum_equal(&walked.sum, &sum));
    write_on(sound);
}

static bool is_opened(enum status status, const struct problem *problem)
{
    CLAIM((status == STATUS_OK) == (store != NULL));
    CLAIM(status == STATUS_OK || status == STATUS_INVALID || status == STATUS_FAILED || status == STATUS_NO_MEMORY);
    CLAIM(status == STATUS_OK || problem->kind != PROBLEM_NONE);
    return status == STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t moments[] = {0, 1, 1790000600, 1800000000, 253402300799, INT64_MAX, INT64_MIN, -1};
    static uint8_t bytes[1 << 20];
    struct input input = {data, size};
    struct problem problem = {0};

    if (known == NULL) {
        known = known_store();
        FILE *file = fopen(known->path, "rb");
        CLAIM(file != NULL);
        forge_from(bytes, fread(bytes, 1, sizeof bytes, file));
        (void)fclose(file);
    }
    now_s = moments[input_byte(&input) % 8];
    struct forged forged = forge(&input);
    known_write_file(forged.bytes, forged.len);

    store = NULL;
    bool open = is_opened(store_open(known->path, &store, &problem), &problem);
    CLAIM(open || !forged.is_good);
    if (open && store_begin(store) == STATUS_OK) {
        bool ours = memcmp(store_id(store), known->store_id, STORE_ID_SIZE) == 0;
        vault_keys_owner struct vault_keys *other = NULL;
        if (!ours)
            CLAIM(vault_keys_new(known->vault, store_id(store), &other) == STATUS_OK);
        keys = ours ? known->keys : other;
        read_all(&forged);
        (void)is_put(store_commit(store));
    }
    store_close(store);
    return 0;
}

#include "complete_names.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "names.h"
#include "words.h"

#define ACCOUNTS_FILE     "/etc/passwd" /* a name service could take long, and lists nobody as a rule */
#define ACCOUNT_UID_FIRST 1000

static bool is_live(const struct wire_message *row)
{
    return row->type == WIRE_FACTOR && row->factor.state != FACTOR_REVOKED;
}

static bool take_user(const struct wire_message *row, void *context)
{
    struct candidates *candidates = context;

    if (is_live(row))
        candidates_add_name(candidates, row->factor.user, "");
    return !candidates->too_many;
}

void complete_names_users(struct tool *tool, struct candidates *candidates)
{
    const struct wire_message request = {.type = WIRE_LIST};
    struct wire_result result = {.code = WIRE_OK};

    if (admin_client_stream(tool, &request, take_user, candidates, &result) != TOOL_DONE || result.code != WIRE_OK)
        candidates_clear(candidates);
}

static bool is_a_persons(const struct passwd *account)
{
    return account->pw_uid == 0 || (account->pw_uid >= ACCOUNT_UID_FIRST && account->pw_uid < OVERFLOW_UID);
}

void complete_names_accounts(struct candidates *candidates)
{
    FILE *file = fopen(ACCOUNTS_FILE, "re");
    const struct passwd *account = NULL;

    if (file == NULL)
        return;
    while (!candidates->too_many && (account = fgetpwent(file)) != NULL)
        if (is_a_persons(account))
            candidates_add_name(candidates, account->pw_name, "");
    (void)fclose(file);
}

struct live {
    struct wire_factor list[FACTORS_PER_USER];
    size_t count;
};

static bool take_factor(const struct wire_message *row, void *context)
{
    struct live *live = context;

    if (is_live(row) && live->count < FACTORS_PER_USER)
        live->list[live->count++] = row->factor;
    return true;
}

static bool is_only_one(const struct live *live, const char *label)
{
    size_t count = 0;

    for (size_t i = 0; i < live->count; i++)
        count += strcmp(live->list[i].label, label) == 0 ? 1 : 0;
    return count == 1;
}

void complete_names_factors(struct tool *tool, const char *typed_user, struct candidates *candidates)
{
    struct wire_message request = {.type = WIRE_SHOW};
    struct wire_result result = {.code = WIRE_OK};
    struct live live = {.count = 0};

    if (names_take(typed_user, request.show.user) != TOOL_DONE)
        return;
    if (admin_client_stream(tool, &request, take_factor, &live, &result) != TOOL_DONE || result.code != WIRE_OK)
        return;
    for (size_t i = 0; i < live.count; i++) {
        const struct wire_factor *factor = &live.list[i];
        char id[24], what[128];
        (void)snprintf(id, sizeof id, "%" PRId64, factor->id);
        (void)snprintf(what, sizeof what, "%s, %s, %s", id, words_kind(factor->kind), words_state(factor->state));
        if (is_only_one(&live, factor->label))
            candidates_add_name(candidates, factor->label, what);
        candidates_add_name(candidates, id, factor->label);
    }
}

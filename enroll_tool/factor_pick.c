#include "factor_pick.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <garde/number.h>

#include "admin_client.h"
#include "result.h"
#include "standing.h"

#define NAMES_SIZE 2048

struct gathering {
    struct factor_set *set;
    bool too_many;
};

static bool on_row(const struct wire_message *row, void *context)
{
    struct gathering *gathering = context;
    struct factor_set *set = gathering->set;

    if (row->type != WIRE_FACTOR || row->factor.state == FACTOR_REVOKED)
        return true;
    gathering->too_many = gathering->too_many || set->count == FACTOR_SET_MAX;
    if (!gathering->too_many)
        set->factors[set->count++] = row->factor;
    return true;
}

/* 0: a label. */
static enum status read_number(const char *word, uint64_t *out_number)
{
    *out_number = 0;
    if (word[0] == '\0')
        return STATUS_INVALID;
    return strspn(word, "0123456789") == strlen(word) ? number_parse(word, 1, INT64_MAX, out_number) : STATUS_OK;
}

enum tool_exit factor_pick_all(struct tool *tool, const char *user, const char *word, struct factor_set *set)
{
    uint64_t number = 0;
    struct gathering gathering = {.set = set};
    struct wire_message request = {.type = WIRE_SHOW};
    struct wire_result result = {.code = WIRE_OK};

    if (word != NULL && read_number(word, &number) != STATUS_OK) {
        tool_complain(_("FACTOR is a number of 1 and up, or a label, as garde show tells them"));
        return TOOL_USAGE;
    }
    set->count = 0;
    (void)snprintf(request.show.user, sizeof request.show.user, "%s", user);
    enum tool_exit done = admin_client_stream(tool, &request, on_row, &gathering, &result);
    if (done == TOOL_DONE && gathering.too_many)
        result = (struct wire_result){.reason = REASON_NONE}; /* no answer that this version knows */
    return done == TOOL_DONE ? result_tell(&result, user) : done;
}

const char *factor_pick_name(const struct wire_factor *factor, char out[FACTOR_NAME_SIZE])
{
    char label[TEXT_SHOWN_SIZE(LABEL_SIZE)];

    if (factor->label[0] == '\0')
        (void)snprintf(out, FACTOR_NAME_SIZE, "%" PRId64, factor->id);
    else
        (void)snprintf(out, FACTOR_NAME_SIZE, "%" PRId64 " (%s)", factor->id,
                       text_show(label, sizeof label, factor->label));
    return out;
}

const char *factor_pick_names(const struct factor_set *set, char *out, size_t size)
{
    char name[FACTOR_NAME_SIZE];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < set->count; i++) {
        (void)factor_pick_name(&set->factors[i], name);
        if (used + strlen(name) + 3 > size)
            break;
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", name);
    }
    return out;
}

static void keep(struct factor_set *set, const struct wire_factor *factor)
{
    set->factors[set->count++] = *factor;
}

static enum tool_exit tell_none(const char *user, const char *word)
{
    char shown_user[TEXT_SHOWN_SIZE(USER_SIZE)], shown_word[TEXT_SHOWN_SIZE(USER_SIZE)];
    text_show(shown_user, sizeof shown_user, user);
    text_show(shown_word, sizeof shown_word, word);

    tool_complain(_("%s has no factor %s that is not revoked. Numbers and labels: garde show %s"), shown_user,
                  shown_word, shown_user);
    return TOOL_REFUSED;
}

/* A number that is none, while labels read so. */
static enum tool_exit tell_labels(const struct factor_set *labelled, const char *user, const char *word)
{
    char shown_user[TEXT_SHOWN_SIZE(USER_SIZE)], names[NAMES_SIZE];

    tool_complain(_("%s has no factor of the number %s. That is the label of: %s. Say it by its number."),
                  text_show(shown_user, sizeof shown_user, user), word,
                  factor_pick_names(labelled, names, sizeof names));
    return TOOL_REFUSED;
}

/* Several are meant, or could be. */
static enum tool_exit tell_several(const struct factor_set *found, const char *user)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)], names[NAMES_SIZE];

    tool_complain(_("%s has more than one such factor: %s. Say which by its number."),
                  text_show(shown, sizeof shown, user), factor_pick_names(found, names, sizeof names));
    return TOOL_REFUSED;
}

enum tool_exit factor_pick(const struct factor_set *set, const char *user, const char *word,
                           struct wire_factor *out_factor)
{
    struct factor_set live = {.count = 0}, lapsed = {.count = 0}, labelled = {.count = 0};
    int64_t now_s = tool_now_s();
    uint64_t number = 0;

    if (read_number(word, &number) != STATUS_OK)
        return tell_none(user, word);
    for (size_t i = 0; i < set->count; i++) {
        const struct wire_factor *factor = &set->factors[i];
        bool has_label = strcmp(factor->label, word) == 0;
        if (number != 0 && has_label)
            keep(&labelled, factor);
        if (number != 0 ? factor->id == (int64_t)number : has_label)
            keep(standing_of(factor, now_s) == STANDING_LAPSED ? &lapsed : &live, factor);
    }
    const struct factor_set *found = live.count > 0 ? &live : &lapsed;
    if (found->count == 0 && labelled.count > 0)
        return tell_labels(&labelled, user, word);
    if (found->count == 0)
        return tell_none(user, word);
    if (found->count > 1)
        return tell_several(found, user);
    *out_factor = found->factors[0];
    return TOOL_DONE;
}

enum tool_exit factor_pick_device(const struct factor_set *set, const char *user, struct wire_factor *out_factor)
{
    struct factor_set found = {.count = 0};
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    int64_t now_s = tool_now_s();

    for (size_t i = 0; i < set->count; i++) {
        const struct wire_factor *factor = &set->factors[i];
        if (standing_of(factor, now_s) == STANDING_ACTIVE && standing_has_device(factor))
            keep(&found, factor);
    }
    if (found.count > 1)
        return tell_several(&found, user);
    if (found.count == 0) {
        tool_complain(_("%s has no active factor with a device. Look with: garde show %s"),
                      text_show(shown, sizeof shown, user), shown);
        return TOOL_REFUSED;
    }
    *out_factor = found.factors[0];
    return TOOL_DONE;
}

enum tool_exit factor_pick_number(struct tool *tool, const char *user, const char *word, int64_t *out_id)
{
    struct factor_set set;
    struct wire_factor factor = {.id = 0};

    enum tool_exit done = word != NULL ? factor_pick_all(tool, user, word, &set) : TOOL_DONE;
    if (done == TOOL_DONE && word != NULL)
        done = factor_pick(&set, user, word, &factor);
    if (done == TOOL_DONE)
        *out_id = factor.id;
    return done;
}
